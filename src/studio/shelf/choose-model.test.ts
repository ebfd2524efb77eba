import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { clipMisfit } from "../settings/clip-noise.ts";
import { chooseSpeed } from "../settings/run-speed.ts";
import { speedOf } from "../settings/speed.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { chooseModel, matchMotion, putToUse } from "./choose-model.ts";

const shared = { summary: "", bytes: 0, builtIn: false, triggerWords: [], suggested: {} };
const small: ShelfItem = { ...shared, builtIn: true, id: "small", name: "Small", kind: "checkpoint", levels: [64, 96, 160] };
const smallMotion: ShelfItem = {
  ...shared,
  builtIn: true,
  id: "small-motion",
  name: "Small motion",
  kind: "motion",
  levels: [64, 96, 160],
  suggested: { frames: 16 },
};
const large: ShelfItem = { ...shared, id: "large", name: "Large", kind: "checkpoint", levels: [320, 640, 1280, 1280] };
const largeMotion: ShelfItem = {
  ...shared,
  id: "large-motion",
  name: "Large motion",
  kind: "motion",
  levels: [320, 640, 1280, 1280],
  suggested: { frames: 24 },
};
const { levels: _, ...unknownMotion } = largeMotion;

function studio(...shelf: readonly ShelfItem[]) {
  const store = createStudioStore();
  store.getState().setShelf(shelf);
  const inUse = () => {
    const { checkpoint, motion, numbers } = store.getState();
    return { checkpoint, motion, frames: numbers.frames };
  };
  return { store, inUse, messages: () => store.getState().messages.map(({ text }) => text) };
}

it("a checkpoint selects the motion module that fits it, and back again", () => {
  const { store, inUse } = studio(small, smallMotion, large, largeMotion);
  chooseModel(store, "checkpoint", "large");
  expect(inUse()).toEqual({ checkpoint: "large", motion: "large-motion", frames: "24" });
  chooseModel(store, "checkpoint", "small");
  expect(inUse()).toEqual({ checkpoint: "small", motion: "small-motion", frames: "16" });
});

it("a motion module selects the checkpoint that it was made for", () => {
  const { store, inUse } = studio(small, smallMotion, large, largeMotion);
  chooseModel(store, "motion", "large-motion");
  expect(inUse()).toEqual({ checkpoint: "large", motion: "large-motion", frames: "24" });
});

it("without a fitting motion module the page makes single pictures and says so; the next checkpoint moves again", () => {
  const { store, inUse, messages } = studio(small, smallMotion, large);
  chooseModel(store, "checkpoint", "large");
  expect(inUse()).toEqual({ checkpoint: "large", motion: null, frames: "1" });
  expect(messages()).toEqual(["Small motion does not fit Large, which makes single pictures for now."]);
  chooseModel(store, "checkpoint", "small");
  expect(inUse()).toEqual({ checkpoint: "small", motion: "small-motion", frames: "16" });
});

it("a choice of no motion stays, and models of unknown sizes are left to the person", () => {
  const { store, inUse } = studio(small, smallMotion, large, unknownMotion);
  chooseModel(store, "motion", null);
  chooseModel(store, "checkpoint", "large");
  expect(inUse().motion).toBe(null);
  chooseModel(store, "motion", "large-motion");
  chooseModel(store, "checkpoint", "small");
  expect(inUse().motion).toBe("large-motion");
});

it("added models are put to use together, except a motion module that fits no checkpoint", () => {
  const { store, inUse, messages } = studio(small, smallMotion);
  store.getState().setShelf([small, smallMotion, large, largeMotion]);
  putToUse(store, [largeMotion, large]);
  expect(inUse()).toEqual({ checkpoint: "large", motion: "large-motion", frames: "24" });
  expect(messages()).toEqual([]);

  const other = studio(small, smallMotion);
  other.store.getState().setShelf([small, smallMotion, largeMotion]);
  putToUse(other.store, [largeMotion]);
  expect(other.inUse()).toMatchObject({ checkpoint: "small", motion: "small-motion" });
});

it("a single added LoRA is switched on, several are left to the person", () => {
  const lora = (id: string, kind: "lora" | "motion-lora"): ShelfItem => ({ ...small, id, kind });
  const [ink, oil, pan] = [lora("ink", "lora"), lora("oil", "lora"), lora("pan", "motion-lora")];
  const { store } = studio(small, smallMotion, ink, oil, pan);
  putToUse(store, [ink, oil, pan]);
  expect(store.getState().loraUse).toMatchObject({ pan: { enabled: true } });
  expect(store.getState().loraUse.ink).toBeUndefined();
  putToUse(store, [ink]);
  expect(store.getState().loraUse).toMatchObject({ ink: { enabled: true } });
});

it("when a motion module is removed, one that fits takes its place", () => {
  const { store, inUse } = studio(small, smallMotion, large, largeMotion);
  chooseModel(store, "checkpoint", "large");
  store.getState().setShelf([small, smallMotion, large]);
  matchMotion(store);
  expect(inUse()).toEqual({ checkpoint: "large", motion: null, frames: "1" });
});

it("a tuned clip is chosen as motion with the size and length of its noise, DDIM and all steps", () => {
  const clip: ShelfItem = {
    ...shared,
    id: "ball",
    name: "ball",
    kind: "tuned-clip",
    levels: small.levels!,
    clip: { frames: 6, height: 8, width: 12 },
    suggested: { sampler: "ddim" },
  };
  const { store, inUse } = studio(small, smallMotion, large, largeMotion, clip);
  chooseModel(store, "checkpoint", "large");
  store.setState({ sampler: "euler_a" });
  chooseSpeed(store, "fast");
  putToUse(store, [clip]);
  expect(inUse()).toEqual({ checkpoint: "small", motion: "ball", frames: "6" });
  const { numbers, sampler } = store.getState();
  expect([numbers.width, numbers.height, sampler, speedOf(store.getState())]).toEqual(["96", "64", "ddim", "full"]);
  expect(clipMisfit(store.getState())).toBeNull();
  store.getState().setNumber("frames", "7");
  expect(clipMisfit(store.getState())).toEqual({
    message: "ball begins from its clip's noise, which is for 6 frames of 96 × 64: “Use the clip’s size” below Motion sets them.",
    field: "Frames",
  });
  chooseModel(store, "motion", "small-motion");
  expect(clipMisfit(store.getState())).toBeNull();
});
