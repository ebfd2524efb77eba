/** Reads the catalogue's JSON (public/catalogue.json) and refuses entries that say too little or name unknown things. */
import { ZoetropeError } from "../../core/errors.ts";
import { checkRanges } from "../../core/settings/check.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { ModelKind } from "../../protocol/engine.ts";
import { kindWords } from "../import/FindingRow.tsx";
import type { Catalogue, CatalogueEntry, CatalogueSet } from "../store/catalogue.ts";

type Json = Readonly<Record<string, unknown>>;

/** @throws ZoetropeError `catalogue/…`, which names the entry and the field */
export function parseCatalogue(json: unknown): Catalogue {
  const { entries, sets } = objectOf(json, "The catalogue");
  const parsed = listOf(entries, "The catalogue's entries").map(parseEntry);
  const byId = new Map(parsed.map((entry) => [entry.id, entry]));
  if (byId.size < parsed.length) throw wrong("The catalogue", "has two entries with one id");
  return { entries: parsed, sets: listOf(sets, "The catalogue's sets").map((set) => parseSet(set, byId)) };
}

function parseEntry(json: unknown): CatalogueEntry {
  const entry = objectOf(json, "An entry of the catalogue");
  const id = textOf(entry, "id", "An entry of the catalogue");
  const who = `The catalogue's entry “${id}”`;
  return {
    id,
    name: textOf(entry, "name", who),
    purpose: textOf(entry, "purpose", who),
    kind: kindOf(entry, who),
    address: addressOf(entry, "address", who),
    bytes: bytesOf(entry, "bytes", who) ?? missing(who, "bytes"),
    sha256: entry.sha256 === undefined ? null : sha256Of(entry, who),
    licence: textOf(entry, "licence", who),
    source: addressOf(entry, "source", who),
    settings: settingsOf(entry, who),
    memoryBytes: bytesOf(entry, "memoryBytes", who),
  };
}

function parseSet(json: unknown, entries: ReadonlyMap<string, CatalogueEntry>): CatalogueSet {
  const set = objectOf(json, "A set of the catalogue");
  const id = textOf(set, "id", "A set of the catalogue");
  const who = `The catalogue's set “${id}”`;
  const files = listOf(set.files, `The files of ${who}`).map((each) => {
    const file = objectOf(each, `A file of ${who}`);
    const entry = entries.get(textOf(file, "entry", who));
    if (entry === undefined) throw wrong(who, `names no entry of the catalogue with “${String(file.entry)}”`);
    const { weight } = file;
    if (weight !== undefined && (typeof weight !== "number" || Math.abs(weight) > 2))
      throw wrong(who, "has a weight that is none");
    return { entry, weight: weight ?? null };
  });
  return {
    id,
    name: textOf(set, "name", who),
    purpose: textOf(set, "purpose", who),
    files,
    settings: settingsOf(set, who),
    memoryBytes: bytesOf(set, "memoryBytes", who),
  };
}

function kindOf(entry: Json, who: string): ModelKind {
  const kind = textOf(entry, "kind", who);
  if (!Object.hasOwn(kindWords, kind)) throw wrong(who, `is of an unknown kind, “${kind}”`);
  return kind as ModelKind;
}

function addressOf(entry: Json, field: string, who: string): string {
  const address = textOf(entry, field, who);
  const url = URL.canParse(address) ? new URL(address) : null;
  const local = url?.protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(url.hostname);
  if (url?.protocol === "https:" || local) return address;
  throw wrong(who, `has no https address as its ${field}`);
}

function bytesOf(entry: Json, field: string, who: string): number | null {
  const bytes = entry[field];
  if (bytes === undefined) return null;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw wrong(who, `has ${field} that are no number of bytes`);
}

function sha256Of(entry: Json, who: string): string {
  const text = textOf(entry, "sha256", who);
  if (!/^[0-9a-f]{64}$/.test(text)) throw wrong(who, "has a sha256 that is none");
  return text;
}

function settingsOf(entry: Json, who: string): Partial<RenderSettings> {
  const settings = entry.settings === undefined ? {} : objectOf(entry.settings, `The settings of ${who}`);
  const unknown = Object.keys(settings).find((name) => !Object.hasOwn(settingsSchema, name));
  if (unknown !== undefined) throw wrong(who, `has an unknown setting, “${unknown}”`);
  checkRanges(settings as unknown as RenderSettings);
  return settings as Partial<RenderSettings>;
}

function objectOf(json: unknown, who: string): Json {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  throw wrong(who, "is not an object");
}

function listOf(json: unknown, who: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw wrong(who, "are not a list");
}

function textOf(json: Json, field: string, who: string): string {
  const text = json[field];
  return typeof text === "string" && text !== "" ? text : missing(who, field);
}

function missing(who: string, field: string): never {
  throw wrong(who, `has no ${field}`);
}

function wrong(who: string, what: string): ZoetropeError {
  return new ZoetropeError("catalogue/wrong", {
    message: `${who} ${what}.`,
    hint: "The list of models on this site is damaged; “Add by URL” still fetches files.",
  });
}
