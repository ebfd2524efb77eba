/** Puts what was learned on the shelf, switched on, and saves it as a file. */

import type { ErrorInfo } from "../../core/errors.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { TrainingPlan } from "../../protocol/training.ts";
import type { EngineClient } from "../engine/client.ts";
import { chooseModel } from "../shelf/choose-model.ts";
import { tellOtherTabs } from "../shelf/other-tabs.ts";
import { refreshShelf } from "../shelf/read-shelf.ts";
import type { StudioStore } from "../store/studio-store.ts";

/** Long enough for the browser to read the file, even if it asks the person for a folder first. */
const revokeAfterMs = 60_000;

/** In place of an earlier state of the same training. `step`: that of a sample; null: the latest. */
export async function putOnShelf(store: StudioStore, engine: EngineClient, step: number | null): Promise<void> {
  const { teach, setTeach } = store.getState();
  if (teach.status !== "resting" || teach.shelving) return;
  const { training, shelved } = teach;
  setTeach({ ...teach, shelving: true });
  try {
    const item = await importLearned(engine, await learnedFile(engine, training.plan.name, step));
    if (shelved !== null && shelved.id !== item.id) await engine.remove(shelved.id);
    await refreshShelf(store, engine);
    tellOtherTabs();
    const { setLora, teachOpen, announce, tell } = store.getState();
    if (item.kind === "tuned-clip") chooseModel(store, "motion", item.id);
    else setLora(item.id, { enabled: true, weight: "1" });
    setTeach({ ...teach, shelved: { id: item.id, step: step ?? training.step }, shelving: false });
    const { name, trigger } = training.plan;
    const done = `${name} ${shelvedWords(training.plan)}.`;
    const next = trigger === null ? "" : `Write ${trigger} in the prompt.`;
    if (teachOpen) announce(done);
    else tell("done", { message: done, hint: item.kind === "tuned-clip" ? "Say in other words what it shows." : next });
  } catch (thrown) {
    setTeach({ ...teach, shelving: false, error: ZoetropeError.from(thrown).toInfo() });
  }
}

/** "is on the shelf and switched on" */
export function shelvedWords({ kind }: Pick<TrainingPlan, "kind">): string {
  return kind === "tune-a-video" ? "is on the shelf and chosen as motion" : "is on the shelf and switched on";
}

export async function downloadLearned(store: StudioStore, engine: EngineClient, step: number | null): Promise<void> {
  const { teach, setTeach } = store.getState();
  if (teach.status !== "resting") return;
  try {
    const file = await learnedFile(engine, teach.training.plan.name, step);
    const url = URL.createObjectURL(file);
    const link = document.createElement("a");
    link.href = url;
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs);
    store.getState().announce(`${file.name} saved`);
  } catch (thrown) {
    setTeach({ ...teach, error: ZoetropeError.from(thrown).toInfo() });
  }
}

async function learnedFile(engine: EngineClient, name: string, step: number | null): Promise<File> {
  const bytes = await engine.learnedFile(step);
  // Characters that some file system refuses.
  return new File([bytes], `${name.replaceAll(/[\\/:*?"<>|]/g, " ").trim()}.safetensors`);
}

async function importLearned(engine: EngineClient, file: File): Promise<ShelfItem> {
  let added: ShelfItem | null = null;
  let refused: ErrorInfo | null = null;
  await engine.importFiles([{ path: file.name, file }], (event) => {
    if (event.type === "imported") added = event.item;
    if (event.type === "refused") refused = event.error;
  });
  if (refused !== null) throw ZoetropeError.fromInfo(refused);
  if (added === null)
    throw new ZoetropeError("training/not-shelved", {
      message: `${file.name} could not be put on the shelf.`,
      hint: "Download it, and add the file.",
    });
  return added;
}
