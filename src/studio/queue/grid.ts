/** Grids of the page: every combination of some values of one or two settings, as requests that differ in them alone. */
import { ZoetropeError } from "../../core/errors.ts";
import { checkRanges } from "../../core/settings/check.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import { type Axis, axisLabels, parseAxis } from "../../jobs/grid.ts";
import type { GridLabels } from "../../media/grid-sheet.ts";
import type { LoraInUse, RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import { isLora } from "../store/selection.ts";
import type { StudioState } from "../store/studio-store.ts";

/** One axis as its fields show it. */
export interface GridAxis {
  /** Name of a setting, or "lora:" and a LoRA's name; empty: the axis is not used. */
  readonly key: string;
  /** As typed: "3, 5, 7" or "1..4". */
  readonly values: string;
}

export interface Grid {
  /** Row by row. */
  readonly requests: readonly RenderRequest[];
  readonly labels: GridLabels;
}

const MOST_CELLS = 36;
const LORA = "lora:";

/** What an axis can change: numbers, choices, switches and the weights of the LoRAs in use. */
export function gridChoices({ shelf, loraUse }: Pick<StudioState, "shelf" | "loraUse">): { value: string; label: string }[] {
  const settings = Object.entries(settingsSchema).flatMap(([name, { kind, label }]) =>
    kind === "number" || kind === "choice" || kind === "switch" ? [{ value: name, label }] : [],
  );
  const loras = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled);
  return [
    { value: "", label: "None" },
    ...loras.map(({ name }) => ({ value: `${LORA}${name}`, label: `LoRA weight: ${name}` })),
    ...settings,
  ];
}

/** @throws ZoetropeError with the sentence for the person */
export function gridOf(request: RenderRequest, fields: readonly GridAxis[], shelf: readonly ShelfItem[]): Grid {
  const axes = fields.filter(({ key }) => key !== "").map(({ key, values }) => parseAxis(`${key}=${values}`));
  const [across, down] = axes;
  if (across === undefined) refuse("The grid has no axis.", "Choose a setting, and the values that it takes.");
  if (down?.key === across.key) refuse("Both axes change the same.", "Choose another setting for one of them.");
  const rows: readonly (unknown | undefined)[] = down === undefined ? [undefined] : down.values;
  const cells = across.values.length * rows.length;
  if (cells > MOST_CELLS) refuse(`The grid has ${cells} cells; it holds ${MOST_CELLS} at most.`, "Leave some values out.");
  const requests = rows.flatMap((row) =>
    across.values.map((column) => {
      const first = withValue(request, across, column, shelf);
      return down === undefined ? first : withValue(first, down, row, shelf);
    }),
  );
  return { requests, labels: { columns: axisLabels(across), rows: down === undefined ? [""] : axisLabels(down) } };
}

function withValue(request: RenderRequest, { key }: Axis, value: unknown, shelf: readonly ShelfItem[]): RenderRequest {
  if (key.startsWith(LORA)) return withLora(request, key.slice(LORA.length), Number(value), shelf);
  const settings =
    key === "variation" || key === "variationSeed"
      ? withVariation(request, key, Number(value))
      : { ...request.settings, [key]: value };
  checkRanges(settings);
  return { ...request, settings };
}

function withVariation(
  { settings }: RenderRequest,
  key: "variation" | "variationSeed",
  value: number,
): RenderRequest["settings"] {
  const { seed = 0, strength = 0 } = settings.variation ?? {};
  return { ...settings, variation: key === "variation" ? { seed, strength: value } : { seed: value, strength } };
}

function withLora(request: RenderRequest, name: string, weight: number, shelf: readonly ShelfItem[]): RenderRequest {
  const item = shelf.find((each) => isLora(each) && each.name === name);
  if (item === undefined) return refuse(`There is no LoRA called ${name} on the shelf.`, "Choose another.");
  const { models } = request;
  const list = item.kind === "lora" ? "loras" : "motionLoras";
  const others: readonly LoraInUse[] = models[list].filter(({ id }) => id !== item.id);
  const used = models[list].find(({ id }) => id === item.id) ?? { id: item.id };
  return { ...request, models: { ...models, [list]: [...others, { ...used, weight }] } };
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/grid", { message, hint });
}
