/** Keeps the sampling settings in step with the LoRAs: some bring their own settings and take them away again. */
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { NumberName } from "./number-fields.ts";
import { fewStepsInUse, mostGuidance, suggestedSampling } from "./speed.ts";

export function switchLora(store: StudioStore, { id, suggested }: ShelfItem, enabled: boolean): void {
  const { setLora, applySuggested } = store.getState();
  const { loraWeight: _, ...sampling } = suggested;
  setLora(id, { enabled });
  if (Object.keys(sampling).length === 0) return;
  // Settings that a LoRA brought go with it even where no model in use suggests others.
  const { steps, cfgScale, sampler } = defaultSettings();
  applySuggested({ ...(enabled ? {} : { steps, cfgScale, sampler }), ...suggestedSampling(store.getState()) });
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
