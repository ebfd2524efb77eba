/** Runs a training from its plan to the shelf: begins it, goes on with it, pauses it. */
import type { TrainingEvent, TrainingPlan } from "../../protocol/training.ts";
import { keepStorage } from "../../storage/persistence.ts";
import type { EngineClient } from "../engine/client.ts";
import { endsDevice, restartDevice } from "../engine/restart-device.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { isFinished, rest, type TeachIn } from "../store/teach.ts";
import { buildPlan } from "./plan.ts";
import { putOnShelf } from "./shelve.ts";
import { rememberStepMs } from "./step-time.ts";

/** @returns the name of an invalid field, if nothing could begin; else null */
export async function beginTraining(store: StudioStore, engine: EngineClient): Promise<string | null> {
  const built = buildPlan(store.getState());
  if (!built.ok) {
    const { teach, setTeach } = store.getState();
    const error = { code: "training/plan", message: built.message, hint: "" };
    if (teach.status === "drafting") setTeach({ ...teach, refusals: [error] });
    return built.field;
  }
  await run(store, engine, rest({ plan: built.plan, step: 0, losses: [], samples: [] }), built.plan);
  return null;
}

export async function goOnTraining(store: StudioStore, engine: EngineClient): Promise<void> {
  const { teach } = store.getState();
  if (teach.status === "resting") await run(store, engine, teach, null);
}

export async function pauseTraining(store: StudioStore, engine: EngineClient): Promise<void> {
  const { teach, setTeach } = store.getState();
  if (teach.status !== "training" || teach.pausing) return;
  setTeach({ ...teach, pausing: true });
  await engine.pauseTraining().catch(() => engine.restart());
}

/** @param plan null: it goes on, and then takes the place of what it put on the shelf before */
async function run(
  store: StudioStore,
  engine: EngineClient,
  { training, shelved }: TeachIn<"resting">,
  plan: TrainingPlan | null,
): Promise<void> {
  const { setTeach, announce } = store.getState();
  setTeach({ status: "training", training, doing: { what: "preparing", share: 0 }, pausing: false, stepMs: null });
  announce("Teaching");
  // Browsers grant this more readily once something is stored; a refusal changes nothing.
  void keepStorage();
  await engine.train(plan, (event) => follow(store, event));
  const { teach } = store.getState();
  if (teach.status === "resting") setTeach({ ...teach, shelved });
  await afterwards(store, engine);
}

function follow(store: StudioStore, event: TrainingEvent): void {
  const before = store.getState().teach;
  store.getState().applyTraining(event);
  const { teach, announce, tell, device } = store.getState();
  if (event.type === "notice") tell("notice", { message: event.message, hint: "" });
  if (event.type === "sample") announce(`Sample after ${event.sample.step} steps`);
  if (before.status !== "training" || teach.status !== "training" || event.type !== "step") return;
  const { plan, step } = teach.training;
  const quarter = (steps: number) => Math.floor((4 * steps) / plan.settings.steps);
  if (quarter(step) > quarter(before.training.step)) announce(`${Math.round((100 * step) / plan.settings.steps)} % taught`);
  if (step === 3 && device.status === "ready") rememberStepMs(plan, device.report, event.stepMs);
}

/** Reads what is kept, because a failure may have lost steps, and puts what is finished on the shelf. */
async function afterwards(store: StudioStore, engine: EngineClient): Promise<void> {
  const { teach } = store.getState();
  if (teach.status !== "resting") return;
  const { error } = teach;
  if (error !== null && endsDevice(error)) await restartDevice(store, engine, error);
  const kept = await engine.training().catch(() => null);
  const { setTeach, teachOpen, tell } = store.getState();
  if (error === null) {
    if (kept !== null) setTeach({ ...teach, training: kept });
    if (isFinished(teach.training)) await putOnShelf(store, engine, null);
    return;
  }
  // Nothing has been learned, so the person goes back to the draft, which may be the reason.
  if (kept === null || kept.step === 0) setTeach({ status: "drafting", reading: 0, refusals: [error] });
  else setTeach({ ...teach, training: kept });
  if (!teachOpen) tell("error", error);
}
