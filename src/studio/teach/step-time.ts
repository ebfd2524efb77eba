/** The time of a step on this device: measured once for each model, size and shape of the LoRA, and remembered. */
import { ZoetropeError } from "../../core/errors.ts";
import type { DeviceReport } from "../../protocol/engine.ts";
import type { TrainingPlan } from "../../protocol/training.ts";
import type { EngineClient } from "../engine/client.ts";
import { remember, rememberedJson } from "../store/remembered.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { buildLesson } from "./plan.ts";

type Lesson = Pick<TrainingPlan, "kind" | "models" | "settings">;

const storageKey = "zoetrope-training-step-times";
/** Larger models take minutes to make ready, so their time shows after the first steps only. */
const mostParameters = 100e6;

/** Shows the time of a step for the present draft: the remembered one, else measured now. */
export async function findStepTime(store: StudioStore, engine: EngineClient): Promise<void> {
  const { stepTime, setStepTime, teachDraft, teach, device } = store.getState();
  if (stepTime.status === "measuring" || teach.status !== "drafting") return;
  const built = buildLesson(store.getState());
  if (!built.ok || device.status !== "ready") return setStepTime({ status: "unknown" });
  const { lesson } = built;
  const known = rememberedStepMs(lesson, device.report);
  if (known !== null) return setStepTime({ status: "known", stepMs: known });
  setStepTime({ status: "unknown" });
  if (teachDraft.examples.length === 0 || !isSmall(store.getState(), lesson)) return;
  setStepTime({ status: "measuring" });
  try {
    const stepMs = await engine.timeTrainingStep(lesson);
    setStepTime({ status: "unknown" });
    if (stepMs === null) return;
    rememberStepMs(lesson, device.report, stepMs);
  } catch (thrown) {
    setStepTime({ status: "failed", error: ZoetropeError.from(thrown).toInfo() });
    return;
  }
  // The draft may have changed meanwhile.
  await findStepTime(store, engine);
}

export function rememberStepMs(lesson: Lesson, device: DeviceReport, stepMs: number): void {
  remember(storageKey, JSON.stringify({ ...stepTimes(), [keyOf(lesson, device)]: stepMs }));
}

function rememberedStepMs(lesson: Lesson, device: DeviceReport): number | null {
  return stepTimes()[keyOf(lesson, device)] ?? null;
}

function stepTimes(): Readonly<Record<string, number>> {
  const isTimes = (value: unknown): value is Record<string, number> => typeof value === "object" && value !== null;
  return rememberedJson(storageKey, isTimes) ?? {};
}

function keyOf({ kind, models, settings }: Lesson, { backend, name, threads }: DeviceReport): string {
  const { batch, rank, targets, resolution, frames } = settings;
  const shown = frames === 0 ? [resolution] : [resolution, frames];
  const parts = [kind, models.checkpoint, models.motion, batch, rank, targets, ...shown, backend, name, threads];
  return parts.join(" ");
}

function isSmall({ shelf }: StudioState, { models }: Lesson): boolean {
  const size = shelf.find(({ id }) => id === models.checkpoint)?.size;
  return size !== undefined && size.parameters < mostParameters;
}
