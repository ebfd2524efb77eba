/** Turns what is set on the page into a request to the engine, or into the reason why there cannot be one yet. */
import { suitablePrecision } from "../../core/precision.ts";
import { AUTOMATIC, valuesOfFields } from "../../core/settings/fields.ts";
import { defaultSettings, type Precision, settingsOf } from "../../core/settings/render-settings.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { Schema } from "../../core/settings/setting.ts";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import { clipMisfit } from "../settings/clip-noise.ts";
import { contextOf } from "../settings/context.ts";
import { lanesWithin } from "../settings/lanes.ts";
import { numberFieldsOf, parseNumber } from "../settings/number-fields.ts";
import { firstPictureField, strengthField } from "../settings/picture-fields.ts";
import { heldPictures } from "../store/held-frames.ts";
import { promptAtOf } from "../store/keyframes.ts";
import { isLora, loraWeightBounds, selectionOf } from "../store/selection.ts";
import type { StudioState } from "../store/studio-store.ts";
import { controlsOf } from "./control-request.ts";
import { likenessOf } from "./likeness-request.ts";

export type RequestResult =
  | { readonly ok: true; readonly request: RenderRequest }
  /** `field`: the accessible name of the field to correct; null where no field is at fault. */
  | { readonly ok: false; readonly message: string; readonly field: string | null };

export function buildRequest(state: StudioState, randomSeed: () => number, schema: Schema = settingsSchema): RequestResult {
  const numbers = numbersOf(state, schema);
  if (!numbers.ok) return numbers;
  for (const { id, name } of state.shelf.filter(isLora)) {
    const use = state.loraUse[id];
    const label = `LoRA weight: ${name}`;
    const parsed = use?.enabled ? parseNumber(use.weight, { label, ...loraWeightBounds }) : null;
    if (parsed?.ok === false) return { ok: false, message: parsed.message, field: label };
  }
  const strength = state.start === null ? null : parseNumber(state.strength, strengthField);
  if (strength?.ok === false) return { ok: false, message: strength.message, field: strengthField.label };
  const from = beginningOf(state);
  if (!from.ok) return { ok: false, message: from.message, field: "From picture" };
  const followed = controlsOf(state);
  if (!followed.ok) return followed;
  const look = likenessOf(state);
  if (!look.ok) return look;
  const models = selectionOf(state, state.lanes);
  if (models === null) return { ok: false, message: noModelMessage(state), field: null };
  const { values } = numbers;
  const context = contextOf(state, Number(values.frames));
  if (!context.ok) return context;
  const said = {
    ...valuesOfFields(state, schema),
    ...values,
    contextLength: context.length,
    contextOverlap: context.overlap,
    seed: values.seed ?? randomSeed(),
    variationSeed: values.variationSeed ?? (values.variation === 0 ? undefined : randomSeed()),
    promptAt: promptAtOf(state.prompt, state.keyframes, Number(values.frames)),
    lanes: lanesWithin(state.lanes, Number(values.frames)),
    precision: state.precision === AUTOMATIC ? automaticPrecision(state) : state.precision,
  };
  const misfit = clipMisfit(state);
  if (misfit !== null) return { ok: false, ...misfit };
  const automatic = leftToPage(state);
  const heldFrames = heldPictures(state);
  const [control, ...moreControls] = followed.controls;
  return {
    ok: true,
    request: {
      settings: { ...defaultSettings(schema), ...settingsOf(said) },
      models,
      ...(automatic.length === 0 ? {} : { automatic }),
      ...(state.start === null || strength === null
        ? {}
        : { start: { name: state.start.name, pictures: state.start.pictures.slice(from.value - 1), strength: strength.value } }),
      ...(heldFrames.length === 0 ? {} : { heldFrames }),
      ...(control === undefined ? {} : { control }),
      ...(moreControls.length === 0 ? {} : { moreControls }),
      ...(look.likeness === null ? {} : { likeness: look.likeness }),
    },
  };
}

/** The picture that the clip begins with, counted from 1; it can be chosen where there are more pictures than frames. */
function beginningOf({ start, startFrom, numbers }: StudioState): ReturnType<typeof parseNumber> {
  const count = start?.pictures.length ?? 0;
  return count > Number(numbers.frames) ? parseNumber(startFrom, firstPictureField(count)) : { ok: true, value: 1 };
}

/** The settings whose values this request chooses. Those that are null in a request are left to the engine and need no mention. */
function leftToPage({ precision, numbers }: StudioState): string[] {
  const names = precision === AUTOMATIC ? ["precision"] : [];
  return numbers.contextLength.trim() === "" ? [...names, "contextLength"] : names;
}

type Numbers = { readonly ok: true; readonly values: Readonly<Record<string, number>> };

/** The numbers that count: those of windows are read with the motion module, and a field that may be empty says nothing then. */
function numbersOf({ numbers, seedMode }: StudioState, schema: Schema): Numbers | Extract<RequestResult, { ok: false }> {
  const values: Record<string, number> = {};
  for (const [name, spec] of Object.entries(numberFieldsOf(schema))) {
    if (name === "contextLength" || name === "contextOverlap") continue;
    if (name === "seed" && seedMode === "random") continue;
    if (name === "variationSeed" && values.variation === 0) continue;
    const text = (numbers as Readonly<Record<string, string>>)[name]!;
    if (spec.whenEmpty !== undefined && text.trim() === "") continue;
    const parsed = parseNumber(text, spec);
    if (!parsed.ok) return { ok: false, message: parsed.message, field: spec.label };
    values[name] = parsed.value;
  }
  return { ok: true, values };
}

function automaticPrecision(state: StudioState): Precision {
  const backend = state.device.status === "ready" ? state.device.report.backend : null;
  return suitablePrecision(backend, checkpointOf(state)?.bytes ?? 0);
}

function checkpointOf({ shelf, checkpoint }: StudioState): ShelfItem | undefined {
  return shelf.find(({ id }) => id === checkpoint);
}

function noModelMessage({ device }: StudioState): string {
  return device.status === "failed"
    ? "The engine could not be started, so there is nothing to generate with."
    : "There is no checkpoint yet: the engine is still starting, or a checkpoint file needs to be added.";
}

/** Below 2^32, as other tools have it. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
