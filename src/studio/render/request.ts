/** From what is set on the page to what the engine is asked, or to the reason it cannot be asked yet. */
import { suitablePrecision } from "../../core/precision.ts";
import type { Precision } from "../../core/settings/render-settings.ts";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import { contextOf } from "../settings/context.ts";
import { type NumberName, numberFields, parseNumber } from "../settings/number-fields.ts";
import { controlWeightField, strengthField } from "../settings/picture-fields.ts";
import { promptAtOf } from "../store/keyframes.ts";
import { isControl, isLora, loraWeightBounds, selectionOf } from "../store/selection.ts";
import type { StudioState } from "../store/studio-store.ts";

export type RequestResult =
  | { readonly ok: true; readonly request: RenderRequest }
  /** `field`: the accessible name of the control to put right, if it is one. */
  | { readonly ok: false; readonly message: string; readonly field: string | null };

export function buildRequest(state: StudioState, randomSeed: () => number): RequestResult {
  const values: Partial<Record<NumberName, number>> = {};
  for (const name of Object.keys(numberFields) as NumberName[]) {
    if (name === "seed" && state.seedMode === "random") continue;
    if (name === "contextLength" || name === "contextOverlap") continue;
    if (name === "variationSeed" && (values.variation === 0 || state.numbers.variationSeed.trim() === "")) continue;
    const parsed = parseNumber(state.numbers[name], numberFields[name]);
    if (!parsed.ok) return { ok: false, message: parsed.message, field: numberFields[name].label };
    values[name] = parsed.value;
  }
  for (const { id, name } of state.shelf.filter(isLora)) {
    const use = state.loraUse[id];
    const label = `LoRA weight: ${name}`;
    const parsed = use?.enabled ? parseNumber(use.weight, { label, ...loraWeightBounds }) : null;
    if (parsed?.ok === false) return { ok: false, message: parsed.message, field: label };
  }
  const strength = state.start === null ? null : parseNumber(state.strength, strengthField);
  if (strength?.ok === false) return { ok: false, message: strength.message, field: strengthField.label };
  const controlModel = state.shelf.find((item) => isControl(item) && item.id === state.controlModel);
  if (controlModel !== undefined && state.control === null) {
    const message = `Drop the picture that ${controlModel.name} is to follow, or set Control to None.`;
    return { ok: false, message, field: null };
  }
  const controlWeight = controlModel === undefined ? null : parseNumber(state.controlWeight, controlWeightField);
  if (controlWeight?.ok === false) return { ok: false, message: controlWeight.message, field: controlWeightField.label };
  const models = selectionOf(state);
  if (models === null) return { ok: false, message: noModelMessage(state), field: null };
  const context = contextOf(state, values.frames ?? 1);
  if (!context.ok) return context;
  const { prompt, negative, keyframes, longPrompts, sampler, schedule, norm, contextMode, promptSyntax } = state;
  const { variation, variationSeed, ...numbers } = values as Record<
    Exclude<NumberName, "contextLength" | "contextOverlap">,
    number
  >;
  return {
    ok: true,
    request: {
      settings: {
        ...numbers,
        contextLength: context.length,
        contextOverlap: context.overlap,
        contextMode,
        promptSyntax,
        seed: values.seed ?? randomSeed(),
        ...(variation === 0 ? {} : { variation: { strength: variation, seed: values.variationSeed ?? randomSeed() } }),
        prompt,
        negative,
        promptAt: promptAtOf(prompt, keyframes, numbers.frames),
        longPrompts,
        sampler,
        schedule: schedule === "automatic" ? null : schedule,
        norm,
        precision: state.precision === "automatic" ? automaticPrecision(state) : state.precision,
      },
      models,
      ...(state.start === null || strength === null ? {} : { start: { ...state.start, strength: strength.value } }),
      ...(controlModel === undefined || controlWeight === null || state.control === null
        ? {}
        : { control: { ...state.control, model: controlModel.id, weight: controlWeight.value } }),
    },
  };
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
