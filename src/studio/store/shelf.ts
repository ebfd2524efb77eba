/** The models on the shelf, and which of them are in use. */
import type { StateCreator } from "zustand/vanilla";
import type { ModelSelection, ShelfItem } from "../../protocol/engine.ts";
import { emptySelection, isLora, type LoraUse } from "./selection.ts";

export interface ShelfSlice {
  readonly shelf: readonly ShelfItem[];
  readonly checkpoint: string | null;
  readonly motion: string | null;
  readonly vae: string | null;
  /** By id; a LoRA without an entry is off (`unusedLora`). */
  readonly loraUse: Readonly<Record<string, LoraUse>>;
  /** Replaces the shelf, sorted for display. A chosen model that is gone is replaced by the first of its kind. */
  setShelf(shelf: readonly ShelfItem[]): void;
  chooseModel(choice: Partial<Pick<ShelfSlice, "checkpoint" | "motion" | "vae">>): void;
  setLora(id: string, use: Partial<LoraUse>): void;
  /** Uses exactly these models; those that are not on the shelf are left out. */
  restoreSelection(selection: ModelSelection): void;
}

/** The state of a LoRA that nobody has touched: off, at its suggested weight. */
export function unusedLora(item: Pick<ShelfItem, "suggested"> | undefined): LoraUse {
  return { enabled: false, weight: String(item?.suggested.loraWeight ?? 0.8) };
}

/** First the models that ship with the page, in their own order, then the others by name. */
function inOrder(shelf: readonly ShelfItem[]): ShelfItem[] {
  const added = shelf.filter(({ builtIn }) => !builtIn);
  const byName = (a: ShelfItem, b: ShelfItem) => a.name.localeCompare(b.name, undefined, { numeric: true });
  return [...shelf.filter(({ builtIn }) => builtIn), ...added.sort(byName)];
}

export const createShelfSlice: StateCreator<ShelfSlice> = (set) => ({
  shelf: [],
  ...emptySelection,
  loraUse: {},

  setShelf: (unsorted) =>
    set((state) => {
      const shelf = inOrder(unsorted);
      const has = (id: string | null) => shelf.some((item) => item.id === id);
      const first = (kind: ShelfItem["kind"]) => shelf.find((item) => item.kind === kind)?.id ?? null;
      const firstTime = state.shelf.length === 0;
      const motionStays = has(state.motion) || (!firstTime && state.motion === null);
      return {
        shelf,
        checkpoint: has(state.checkpoint) ? state.checkpoint : first("checkpoint"),
        motion: motionStays ? state.motion : first("motion"),
        vae: has(state.vae) ? state.vae : null,
      };
    }),

  chooseModel: (choice) => set(choice),

  setLora: (id, use) =>
    set(({ shelf, loraUse }) => {
      const unused = unusedLora(shelf.find((item) => item.id === id));
      return { loraUse: { ...loraUse, [id]: { ...unused, ...loraUse[id], ...use } } };
    }),

  restoreSelection: (selection) =>
    set((state) => {
      const has = (id: string) => state.shelf.some((item) => item.id === id);
      const loraUse: Record<string, LoraUse> = {};
      for (const item of state.shelf.filter(isLora))
        loraUse[item.id] = { ...unusedLora(item), ...state.loraUse[item.id], enabled: false };
      for (const { id, weight } of [...selection.loras, ...selection.motionLoras]) {
        if (has(id)) loraUse[id] = { enabled: true, weight: String(weight) };
      }
      return {
        checkpoint: has(selection.checkpoint) ? selection.checkpoint : state.checkpoint,
        motion: selection.motion === null || has(selection.motion) ? selection.motion : state.motion,
        vae: selection.vae !== null && has(selection.vae) ? selection.vae : null,
        loraUse,
      };
    }),
});
