/** Parses the arguments of `zoetrope render` with `--grid`. */

import { settingsSchema } from "../core/settings/schema.ts";
import { SPEEDS } from "../core/settings/speed.ts";
import { type Axis, parseAxes } from "../jobs/grid.ts";
import type { JobJson } from "../jobs/parse-job.ts";
import { optionsOf, parse, type RenderArguments } from "./arguments.ts";
import { cachePlace } from "./cache-place.ts";
import type { DeviceArguments } from "./render-tools.ts";
import { many, sharedJob } from "./shared-job.ts";
import { checkSheetAxes } from "./sheet.ts";
import { number, oneOf, refuse } from "./values.ts";

export interface GridArguments extends DeviceArguments, Pick<RenderArguments, "loraDir" | "speed" | "out" | "json"> {
  readonly axes: readonly Axis[];
  /** What all cells have in common. */
  readonly shared: JobJson;
}

/**
 * @returns null without `--grid`
 * @throws ZoetropeError `arguments/…`, `job/grid`, `job/sheet`
 */
export function parseGridArguments(args: readonly string[]): GridArguments | null {
  const given = parse(args, optionsOf(settingsSchema));
  const texts = many(given, "grid");
  if (texts.length === 0) return null;
  const one = (name: string) => (typeof given[name] === "string" ? given[name] : null);
  if (one("dump") !== null)
    refuse("dump", "--dump keeps the tensors of one clip, and --grid makes several. Leave one of them out.");
  const axes = parseAxes(texts);
  checkSheetAxes(axes);
  const speed = one("speed");
  return {
    axes,
    shared: sharedJob(given),
    loraDir: one("lora-dir") ?? ".",
    speed: speed === null ? null : oneOf("speed", speed, SPEEDS),
    backend: oneOf("backend", one("backend") ?? "cpu", ["cpu", "webgpu", "auto"]),
    threads: number("threads", one("threads") ?? "0"),
    cache: cachePlace(given),
    out: one("out") ?? refuse("out", "--out is missing."),
    json: given.json === true,
  };
}
