/** `zoetrope cache`: shows and removes the converted models that are kept between runs. */

import { bytesWords } from "../core/amounts.ts";
import { modelOf } from "../runtime/engine/shard-names.ts";
import { type CachedPart, WeightCache } from "../runtime/node/cache/weight-cache.ts";
import { type ParseOptions, parse, parseOption } from "./arguments.ts";
import { cacheFolder, DEFAULT_LIMIT_GB, gigabytes } from "./cache-place.ts";
import type { Option } from "./options.ts";
import { oneOf, refuse } from "./values.ts";

const ACTIONS = ["list", "size", "clear", "prune"] as const;

export const cacheCommandOptions = {
  cache: { takes: "DIR", help: "The folder. Default: the system's folder for caches." },
  limit: { takes: "GB", help: `With prune: the size to come down to. Default: ${DEFAULT_LIMIT_GB}.` },
  json: { help: "Prints JSON." },
} as const satisfies Readonly<Record<string, Option>>;

const PARSE_OPTIONS: ParseOptions = Object.fromEntries(
  Object.entries<Option>(cacheCommandOptions).map(([name, { takes }]) => [name, parseOption(takes ?? null, false)]),
);

/** A model of the cache: its parts together. */
interface CachedModel {
  readonly model: string;
  /** Such as "unet at q8". */
  readonly parts: readonly string[];
  readonly bytes: number;
  readonly usedAt: Date;
}

/**
 * @param args what follows "zoetrope cache"; without an action: list
 * @returns what to print
 * @throws ZoetropeError `arguments/…`, `cache/folder`
 */
export async function cacheCommand(args: readonly string[]): Promise<string> {
  const named = args[0]?.startsWith("-") === false;
  const action = named ? oneOf("cache", args[0]!, ACTIONS) : "list";
  const given = parse(named ? args.slice(1) : args, PARSE_OPTIONS);
  if (given.limit !== undefined && action !== "prune") refuse("limit", "--limit belongs to zoetrope cache prune.");
  const cache = await WeightCache.open(cacheFolder(given));
  const json = given.json === true;
  switch (action) {
    case "list": {
      const models = byModel(await cache.list());
      return json ? JSON.stringify({ folder: cache.folder, models }) : listing(cache.folder, models);
    }
    case "size": {
      const bytes = total(await cache.list());
      return json ? JSON.stringify({ folder: cache.folder, bytes }) : `${bytesWords(bytes)} in ${cache.folder}`;
    }
    case "clear":
      return removed(await cache.prune(0), json);
    case "prune":
      return removed(await cache.prune(gigabytes("limit", given) ?? DEFAULT_LIMIT_GB * 1e9), json);
  }
}

function byModel(parts: readonly CachedPart[]): CachedModel[] {
  const models = new Map<string, CachedModel>();
  for (const { partKey, precision, bytes, usedAt } of parts) {
    const model = modelOf(partKey) ?? partKey;
    const other = models.get(model);
    const part = `${partKey.slice(model.length + 1)} at ${precision}`;
    models.set(model, {
      model,
      parts: [...new Set([...(other?.parts ?? []), part])],
      bytes: bytes + (other?.bytes ?? 0),
      // The list begins with the most recent one.
      usedAt: other?.usedAt ?? usedAt,
    });
  }
  return [...models.values()];
}

function listing(folder: string, models: readonly CachedModel[]): string {
  if (models.length === 0) return `Nothing in ${folder}`;
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const lines = models.map(({ model, parts, bytes, usedAt }) => {
    return `${bytesWords(bytes).padStart(8)}  used ${day(usedAt)}  ${model}  (${parts.join(", ")})`;
  });
  return [...lines, `${bytesWords(models.reduce((sum, { bytes }) => sum + bytes, 0))} in ${folder}`].join("\n");
}

function removed(parts: readonly CachedPart[], json: boolean): string {
  const models = byModel(parts);
  if (json) return JSON.stringify({ removed: models });
  return [...models.map(({ model }) => `Removed ${model}`), `${bytesWords(total(parts))} freed`].join("\n");
}

function total(parts: readonly CachedPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
