/** Keeps the sampling settings in step with the LoRAs: some bring their own settings and take them away again. */
import { fieldsOf } from "../../core/settings/fields.ts";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { type Speed, speedSettings } from "../../core/settings/speed.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { DeviceState } from "../store/device.ts";
import { unusedLora } from "../store/shelf.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import type { NumberName } from "./number-fields.ts";
import { fewStepsInUse, madeForFewSteps, mostGuidance, planOf, speedOf, suggestedSampling, usualSpeed } from "./speed.ts";

/** What a speed changes: the settings that it decides, and the LoRA for few steps where the checkpoint came with one. */
export function speedChanges(state: StudioState, speed: Speed): Pick<StudioState, "numbers" | "sampler" | "loraUse"> {
  const { lora, settings } = planOf(state, speed);
  const numbers = { ...state.numbers, ...fieldsOf(settings).numbers };
  const { sampler, loraUse: before } = state;
  if (lora === null || (fewStepsInUse(state) !== null) === lora.enabled) return { numbers, sampler, loraUse: before };
  const { item, enabled } = lora;
  const loraUse = { ...before, [item.id]: { ...unusedLora(item), enabled } };
  const sampling = samplingAfter({ ...state, loraUse }, enabled);
  return { numbers: { ...numbers, ...fieldsOf(sampling).numbers }, sampler: sampling.sampler ?? sampler, loraUse };
}

/** At the start of a visit: the speed that suits the device, unless the person has already set what a speed decides. */
export function takeUsualSpeed(store: StudioStore, device: DeviceState): void {
  const state = store.getState();
  const asSuggested = Object.entries(fieldsOf(suggestedSampling(state)).numbers).every(
    ([name, text]) => state.numbers[name as NumberName] === text,
  );
  if (asSuggested && speedOf(state) === "full") chooseSpeed(store, usualSpeed({ ...state, device }));
}

export function chooseSpeed(store: StudioStore, speed: Speed): void {
  const { numbers, sampler, loraUse } = speedChanges(store.getState(), speed);
  store.setState({ numbers, sampler, loraUse });
}

export function switchLora(store: StudioStore, { id, suggested }: ShelfItem, enabled: boolean): void {
  const { setLora, applySuggested } = store.getState();
  const { loraWeight: _, ...sampling } = suggested;
  setLora(id, { enabled });
  if (Object.keys(sampling).length === 0) return;
  applySuggested(samplingAfter(store.getState(), enabled));
  if (!madeForFewSteps(store.getState())) return;
  const numbers = { ...store.getState().numbers, ...fieldsOf(speedSettings("full", true)).numbers };
  store.setState({ numbers });
}

/** Settings that a LoRA brought go with it even where no model in use suggests others. */
function samplingAfter(state: Parameters<typeof suggestedSampling>[0], enabled: boolean): ShelfItem["suggested"] {
  const { steps, cfgScale, sampler } = defaultSettings();
  return { ...(enabled ? {} : { steps, cfgScale, sampler }), ...suggestedSampling(state) };
}

/** Sets a number as a person does: more guidance than few-steps drawing can take switches that drawing off. */
export function typeNumber(store: StudioStore, name: NumberName, text: string): void {
  const before = store.getState();
  before.setNumber(name, text);
  const lora = fewStepsInUse(before);
  if (lora === null || name !== "cfgScale" || !(Number(text.replace(",", ".")) > mostGuidance)) return;
  before.setLora(lora.id, { enabled: false });
  const { cfgScale, steps, ...sampling } = suggestedSampling(store.getState());
  const stepsTyped = before.numbers.steps !== String(lora.suggested.steps);
  before.applySuggested({ ...sampling, ...(stepsTyped || steps === undefined ? {} : { steps }) });
}
