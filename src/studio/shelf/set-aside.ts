/** Takes models that do not go with the chosen checkpoint out of use, in one message that offers to put them back. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { isForSpeed } from "../settings/speed.ts";
import { isLora } from "../store/selection.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { listed } from "../words/listed.ts";
import { misfitsInUse } from "./fitting.ts";

/** @param before the checkpoint that was chosen until now */
export function setMisfitsAside(store: StudioStore, before: ShelfItem | undefined): void {
  const state = store.getState();
  const checkpoint = state.shelf.find(({ id }) => id === state.checkpoint);
  const known = before?.levels !== undefined && checkpoint?.levels !== undefined;
  const misfits = misfitsInUse(state, known && before.levels?.join() !== checkpoint.levels?.join());
  if (checkpoint === undefined || misfits.length === 0) return;
  const { vae, controls } = state;
  const isMisfit = (id: string | null) => misfits.some((item) => item.id === id);
  for (const item of misfits) {
    if (isLora(item)) state.setLora(item.id, { enabled: false });
    else if (item.id === vae) state.chooseModel({ vae: null });
  }
  for (const [i, { model }] of controls.entries()) if (isMisfit(model)) state.setControl(i, { model: null });
  const putBack = () => {
    const { chooseModel, setLora, setControl, controls: now } = store.getState();
    if (before !== undefined) chooseModel({ checkpoint: before.id });
    for (const item of misfits) {
      if (isLora(item)) setLora(item.id, { enabled: true });
      else if (item.id === vae) chooseModel({ vae });
    }
    for (const [i, { model }] of controls.entries()) if (isMisfit(model) && i < now.length) setControl(i, { model });
  };
  const them = misfits.length === 1 ? "it does" : "they do";
  state.tell(
    "notice",
    {
      message: `${listed(misfits.map(nameOf))} ${misfits.length === 1 ? "is" : "are"} set aside, because ${them} not go with ${checkpoint.name}.`,
      hint: "",
    },
    before === undefined ? undefined : { label: `Back to ${before.name}`, run: putBack },
  );
}

/** As the page calls it: the few-steps LoRA of a checkpoint is a speed there. */
function nameOf(item: ShelfItem): string {
  return isForSpeed(item) ? "Fast" : item.name;
}
