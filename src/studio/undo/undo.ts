/** Undo and redo for settings: what is changed in one go (a drag, a run of typing, a model with its settings) is one step. */
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { changedParts, type Snapshot, snapshotOf } from "./snapshot.ts";

/** Changes of the same thing within this time are one. */
const samePartMs = 800;
/** Changes of several things within this time come from one press of a button. */
const sameMomentMs = 30;
const mostSteps = 100;

export interface Undo {
  /** Begins to take notice; what was set before cannot be undone. */
  begin(): void;
  undo(): void;
  redo(): void;
}

export function createUndo(store: StudioStore, now: () => number = () => performance.now()): Undo {
  let past: Snapshot[] = [];
  let future: Snapshot[] = [];
  let present = snapshotOf(store.getState());
  let latest = { parts: "", at: Number.NEGATIVE_INFINITY };
  let following = false;

  const tell = () => store.getState().setUndoSteps(past.length, future.length);

  const follow = (state: StudioState) => {
    const next = snapshotOf(state);
    const parts = changedParts(present, next).join();
    if (parts === "") {
      present = next;
      return;
    }
    const at = now();
    const elapsed = at - latest.at;
    const goesOn = elapsed < sameMomentMs || (parts === latest.parts && elapsed < samePartMs);
    if (!goesOn || past.length === 0) past = [...past.slice(1 - mostSteps), present];
    latest = { parts, at };
    future = [];
    present = next;
    tell();
  };

  const go = (snapshot: Snapshot) => {
    present = snapshotOf({ ...snapshot, ...whatIsThere(snapshot, store.getState()) });
    latest = { parts: "", at: Number.NEGATIVE_INFINITY };
    // A number that undo leaves out keeps its text.
    store.setState(({ numbers }) => ({ ...present, numbers: { ...numbers, ...present.numbers } }));
    tell();
  };

  return {
    begin() {
      past = [];
      future = [];
      present = snapshotOf(store.getState());
      tell();
      if (!following) store.subscribe(follow);
      following = true;
    },
    undo() {
      const before = past.at(-1);
      if (before === undefined) return;
      past = past.slice(0, -1);
      future = [present, ...future];
      go(before);
      store.getState().announce("Undone");
    },
    redo() {
      const [after, ...rest] = future;
      if (after === undefined) return;
      past = [...past, present];
      future = rest;
      go(after);
      store.getState().announce("Redone");
    },
  };
}

/** Models that have been removed meanwhile stay out of use, and a seed that was drawn stays in its field. */
function whatIsThere(snapshot: Snapshot, state: StudioState): Partial<Snapshot> {
  const has = (id: string | null) => id === null || state.shelf.some((item) => item.id === id);
  const drawn = snapshot.seedMode === "random" && state.seedMode === "random";
  return {
    checkpoint: has(snapshot.checkpoint) ? snapshot.checkpoint : state.checkpoint,
    motion: has(snapshot.motion) ? snapshot.motion : state.motion,
    vae: has(snapshot.vae) ? snapshot.vae : state.vae,
    controlModel: has(snapshot.controlModel) ? snapshot.controlModel : state.controlModel,
    numbers: drawn ? { ...snapshot.numbers, seed: state.numbers.seed } : snapshot.numbers,
  };
}
