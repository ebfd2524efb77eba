/** Which models of the shelf go with a checkpoint, judged by the widths of the UNet's levels for which they were made. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { isControl, isLora } from "../store/selection.ts";
import type { StudioState } from "../store/studio-store.ts";

/** Whether `item` can go with `checkpoint`, as far as known: a LoRA tells the outermost level's width alone, others tell all widths. */
export function goesWith(checkpoint: ShelfItem, item: ShelfItem): boolean {
  if (item.madeFor !== undefined) return item.madeFor.includes(checkpoint.id);
  const [own, other] = [item.levels, checkpoint.levels];
  if (own === undefined || other === undefined) return true;
  return (isLora(item) || own.length === other.length) && own.every((width, i) => width === other[i]);
}

/** The sentence that a row of the shelf shows for a model that does not go with the chosen checkpoint; null: it does. */
export function misfitReason(
  { shelf, checkpoint: id }: Pick<StudioState, "shelf" | "checkpoint">,
  item: ShelfItem,
): string | null {
  const checkpoint = shelf.find((each) => each.id === id);
  return checkpoint === undefined || goesWith(checkpoint, item)
    ? null
    : `It was made for other checkpoints than ${checkpoint.name}.`;
}

/** Models in use that do not go with the chosen checkpoint. A VAE does not tell what it goes with, so it counts once the family has changed. */
export function misfitsInUse(state: StudioState, familyChanged: boolean): ShelfItem[] {
  const checkpoint = state.shelf.find(({ id }) => id === state.checkpoint);
  if (checkpoint === undefined) return [];
  return state.shelf.filter((item) => {
    if (item.id === state.vae) return familyChanged;
    const used = isLora(item)
      ? state.loraUse[item.id]?.enabled === true
      : isControl(item) && state.controls.some(({ model }) => model === item.id);
    return used && !goesWith(checkpoint, item);
  });
}
