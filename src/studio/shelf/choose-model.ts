/** Chooses a model, applies its suggested settings, and chooses a partner that fits, because a motion module animates checkpoints of one shape only. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { suggestedBy } from "../settings/clip-noise.ts";
import { chooseSpeed } from "../settings/run-speed.ts";
import { speedOf, suggestedSampling, usualSpeed } from "../settings/speed.ts";
import { isMotion } from "../store/selection.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { goesWith, misfitReason } from "./fitting.ts";
import { setMisfitsAside } from "./set-aside.ts";

export type ChosenKind = "checkpoint" | "motion" | "vae";

/** @param id null: no model of this kind */
export function chooseModel(store: StudioStore, kind: ChosenKind, id: string | null): void {
  const { shelf, chooseModel: choose } = store.getState();
  const speed = speedOf(store.getState());
  const usual = speed === usualSpeed(store.getState());
  const item = shelf.find((each) => each.id === id);
  if (kind === "checkpoint" && item !== undefined) chooseCheckpoint(store, item);
  else if (kind === "motion" && item !== undefined) chooseMotion(store, item);
  else {
    choose({ [kind]: id });
    if (kind === "motion") store.getState().setNumber("frames", "1");
  }
  // The noise of a clip draws it again in all of DDIM's steps only.
  if (kind === "motion" && item?.kind === "tuned-clip") chooseSpeed(store, "full");
  // Each model has its own way of being fast. Where nobody has chosen a speed, each has its usual one.
  else if (speed !== null) chooseSpeed(store, usual ? usualSpeed(store.getState()) : speed);
}

function chooseCheckpoint(store: StudioStore, item: ShelfItem): void {
  const before = store.getState();
  const checkpoint = chosen(before, "checkpoint");
  const motions = before.shelf.filter(({ kind }) => kind === "motion");
  // A person who has chosen no motion although a module fits wants none.
  const wantsNone = before.motion === null && motions.some((each) => checkpoint === undefined || goesWith(checkpoint, each));
  before.chooseModel({ checkpoint: item.id });
  setMisfitsAside(store, checkpoint);
  const state = store.getState();
  state.applySuggested({ ...item.suggested, ...suggestedSampling(state) });
  if (!wantsNone) matchMotion(store);
}

/** Replaces a motion module that does not fit the checkpoint with one that does, or with none. */
export function matchMotion(store: StudioStore): void {
  const state = store.getState();
  const [checkpoint, motion] = [chosen(state, "checkpoint"), chosen(state, "motion")];
  if (checkpoint === undefined || (motion !== undefined && goesWith(checkpoint, motion))) return;
  const fitting = state.shelf.find((item) => item.kind === "motion" && goesWith(checkpoint, item));
  if (fitting !== undefined) {
    chooseMotion(store, fitting);
    return;
  }
  chooseModel(store, "motion", null);
  if (motion === undefined) return;
  state.tell("notice", {
    message: `${motion.name} does not fit ${checkpoint.name}, which makes single pictures for now.`,
    hint: "Add a motion module that was made for it.",
  });
}

function chooseMotion(store: StudioStore, item: ShelfItem): void {
  const before = store.getState();
  const checkpoint = chosen(before, "checkpoint");
  before.chooseModel({ motion: item.id });
  if (checkpoint !== undefined && !goesWith(checkpoint, item)) {
    const fitting = before.shelf.find((each) => each.kind === "checkpoint" && goesWith(each, item));
    if (fitting !== undefined) chooseCheckpoint(store, fitting);
  }
  const state = store.getState();
  state.applySuggested({ ...suggestedBy(item, chosen(state, "checkpoint")), ...suggestedSampling(state) });
}

function chosen(state: StudioState, kind: ChosenKind): ShelfItem | undefined {
  return state.shelf.find(({ id }) => id === state[kind]);
}

/** Puts added models to use where they fit, because the person most likely wants them; but not several LoRAs at once. */
export function putToUse(store: StudioStore, added: readonly ShelfItem[]): void {
  const last = (kind: ChosenKind) => added.findLast((item) => (kind === "motion" ? isMotion(item) : item.kind === kind));
  const checkpoints = store.getState().shelf.filter(({ kind }) => kind === "checkpoint");
  const [motion, checkpoint, vae] = [last("motion"), last("checkpoint"), last("vae")];
  if (motion !== undefined && checkpoints.some((each) => goesWith(each, motion))) chooseModel(store, "motion", motion.id);
  if (checkpoint !== undefined) chooseModel(store, "checkpoint", checkpoint.id);
  if (vae !== undefined) chooseModel(store, "vae", vae.id);
  for (const kind of ["lora", "motion-lora"] as const) {
    const [only, ...more] = added.filter((item) => item.kind === kind);
    if (only === undefined) continue;
    const { setLora, tell } = store.getState();
    const reason = misfitReason(store.getState(), only);
    if (more.length === 0 && reason === null) setLora(only.id, { enabled: true });
    else if (more.length === 0)
      tell("notice", {
        message: `${only.name} is on the shelf, and off. ${reason}`,
        hint: "Choose a checkpoint that it was made for to use it.",
      });
    else tell("done", { message: `${more.length + 1} LoRAs are on the shelf: switch on what you want.`, hint: "" });
  }
}
