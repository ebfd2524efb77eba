/** Undo and redo for settings. Changes made in one go (a drag, a run of typing, a model with its settings) are one step. */
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { changedParts, type Snapshot, snapshotOf } from "./snapshot.ts";

/** Changes of the same setting within this time are one step. */
const samePartMs = 800;
/** Changes of several settings within this time come from one press of a button. */
const sameMomentMs = 30;
const mostSteps = 100;

export interface Undo {
  /** Begins to record changes; earlier ones cannot be undone. */
  begin(): void;
  undo(): void;
  redo(): void;
  /** Makes a change that is the page's own and no step of the person's. */
  quietly(change: () => void): void;
}

export function createUndo(store: StudioStore, now: () => number = () => performance.now()): Undo {
  let past: Snapshot[] = [];
  let future: Snapshot[] = [];
  let present = snapshotOf(store.getState());
  let latest = { parts: "", at: Number.NEGATIVE_INFINITY };
  let following = false;
  let quiet = false;

  const tell = () => store.getState().setUndoSteps(past.length, future.length);

  const follow = (state: StudioState) => {
    if (quiet) return;
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
    present = snapshotOf({ ...snapshot, ...stillValid(snapshot, store.getState()) });
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
    quietly(change) {
      quiet = true;
      change();
      quiet = false;
      present = snapshotOf(store.getState());
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

/** Corrects a snapshot: models that have been removed since stay out of use, and a drawn seed stays in its field. */
function stillValid(snapshot: Snapshot, state: StudioState): Partial<Snapshot> {
  const has = (id: string | null) => id === null || state.shelf.some((item) => item.id === id);
  const drawn = snapshot.seedMode === "random" && state.seedMode === "random";
  return {
    checkpoint: has(snapshot.checkpoint) ? snapshot.checkpoint : state.checkpoint,
    motion: has(snapshot.motion) ? snapshot.motion : state.motion,
    vae: has(snapshot.vae) ? snapshot.vae : state.vae,
    controls: snapshot.controls.map((use) => (has(use.model) ? use : { ...use, model: null })),
    ipAdapter: has(snapshot.ipAdapter) ? snapshot.ipAdapter : state.ipAdapter,
    imageEncoder: has(snapshot.imageEncoder) ? snapshot.imageEncoder : state.imageEncoder,
    numbers: drawn ? { ...snapshot.numbers, seed: state.numbers.seed } : snapshot.numbers,
  };
}
