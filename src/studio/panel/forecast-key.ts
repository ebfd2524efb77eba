/** A key that changes with everything that a forecast depends on. */
import { isPicked, type PickedFields } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { StudioState } from "../store/studio-store.ts";

const pickedNames = Object.entries(settingsSchema).flatMap(([name, setting]) =>
  isPicked(setting) ? [name as keyof PickedFields] : [],
);

/** Every setting but the texts, as a setting may cost time or memory. */
export function forecastKey(state: StudioState): string {
  const { numbers, checkpoint, motion, device, lastRun, loraUse, shelf } = state;
  const { seed, variationSeed, ...counting } = numbers;
  const picked = pickedNames.map((name) => state[name]);
  const backend = device.status === "ready" ? device.report.backend : device.status;
  return JSON.stringify([counting, picked, checkpoint, motion, backend, lastRun?.timingsMs, loraUse, shelf.length]);
}
