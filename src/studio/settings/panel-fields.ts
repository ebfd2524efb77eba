/** The settings that the panel shows without a component of their own. */
import { isPicked } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { Schema } from "../../core/settings/setting.ts";

/** Settings that the panel lays out itself: in sections, in rows, or only where they mean something. */
const laidOut: ReadonlySet<string> = new Set([
  ...["width", "height", "frames", "fps", "loop"],
  ...["steps", "cfgScale", "sampler", "seed", "variation", "variationSeed"],
  ...["contextLength", "contextOverlap", "contextMode", "contextWeights"],
]);

/** Names of the numbers, choices and switches of the Advanced group, in the schema's order: all that the panel does not lay out itself. */
export function advancedFields(schema: Schema = settingsSchema): string[] {
  return Object.entries(schema).flatMap(([name, setting]) =>
    !laidOut.has(name) && (setting.kind === "number" || isPicked(setting)) ? [name] : [],
  );
}
