/** Finds an interrupted training when the page starts. */
import { ZoetropeError } from "../../core/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { isFinished, rest } from "../store/teach.ts";

/** Shows the training that the browser keeps, if there is one. */
export async function findKeptTraining(store: StudioStore, engine: EngineClient): Promise<void> {
  try {
    const kept = await engine.training();
    if (kept === null || store.getState().teach.status !== "drafting") return;
    const { shelf, setTeach, tell } = store.getState();
    const shelfKind = kept.plan.kind === "tune-a-video" ? "tuned-clip" : kept.plan.kind;
    const item = shelf.find(({ kind, name }) => kind === shelfKind && name === kept.plan.name);
    const shelved = item === undefined ? null : { id: item.id, step: kept.step };
    setTeach({ ...rest(kept), shelved });
    if (isFinished(kept)) return;
    const steps = `${kept.step} of ${kept.plan.settings.steps} steps`;
    tell("notice", { message: `Teaching ${kept.plan.name} was interrupted after ${steps}.`, hint: "Open Teach to go on." });
  } catch (thrown) {
    store.getState().tell("error", ZoetropeError.from(thrown));
  }
}
