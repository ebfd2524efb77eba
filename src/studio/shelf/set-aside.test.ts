import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { chooseModel, putToUse } from "./choose-model.ts";
import { misfitReason } from "./fitting.ts";

const shared = { summary: "", bytes: 0, builtIn: false, triggerWords: [], suggested: {} };
const small: ShelfItem = { ...shared, id: "small", name: "Small", kind: "checkpoint", levels: [64, 96, 160] };
const large: ShelfItem = { ...shared, id: "large", name: "Large", kind: "checkpoint", levels: [320, 640, 1280, 1280] };
const vae: ShelfItem = { ...shared, id: "vae", name: "Soft VAE", kind: "vae" };
const canny: ShelfItem = { ...shared, id: "canny", name: "Canny", kind: "controlnet", levels: [64, 96, 160] };
const ink: ShelfItem = { ...shared, id: "ink", name: "Ink", kind: "lora", levels: [64] };
const photo: ShelfItem = { ...shared, id: "photo", name: "Photo", kind: "lora", levels: [320] };
const untold: ShelfItem = { ...shared, id: "untold", name: "Untold", kind: "lora" };

function studio() {
  const store = createStudioStore();
  store.getState().setShelf([small, large, vae, canny, ink, photo, untold]);
  chooseModel(store, "checkpoint", "small");
  chooseModel(store, "vae", "vae");
  store.getState().setControl(0, { model: "canny" });
  for (const id of ["ink", "untold"]) store.getState().setLora(id, { enabled: true });
  const inUse = () => {
    const { checkpoint, vae: usedVae, controls, loraUse } = store.getState();
    const loras = Object.keys(loraUse).filter((id) => loraUse[id]?.enabled);
    return { checkpoint, vae: usedVae, control: controls[0]?.model, loras };
  };
  return { store, inUse };
}

it("another checkpoint sets aside at once what does not go with it, in one message by the shelf's names, and the way back restores it", () => {
  const { store, inUse } = studio();
  const before = inUse();
  chooseModel(store, "checkpoint", "large");
  expect(inUse()).toEqual({ checkpoint: "large", vae: null, control: null, loras: ["untold"] });
  const [message, ...others] = store.getState().messages;
  expect(others).toEqual([]);
  expect(message?.text).toBe("Canny, Ink, Soft VAE are set aside, because they do not go with Large.");
  message?.action?.run();
  expect(inUse()).toEqual(before);
});

it("what goes with both stays, and says nothing", () => {
  const { store, inUse } = studio();
  const twin = { ...small, id: "twin", name: "Twin" };
  store.getState().setShelf([...store.getState().shelf, twin]);
  chooseModel(store, "checkpoint", "twin");
  expect(inUse()).toEqual({ checkpoint: "twin", vae: "vae", control: "canny", loras: ["ink", "untold"] });
  expect(store.getState().messages).toEqual([]);
});

it("a LoRA of another family is named with the reason, and is not switched on when it is added", () => {
  const { store, inUse } = studio();
  expect(misfitReason(store.getState(), ink)).toBeNull();
  expect(misfitReason(store.getState(), photo)).toBe("It was made for other checkpoints than Small.");
  putToUse(store, [photo]);
  expect(inUse().loras).not.toContain("photo");
  expect(store.getState().messages.at(-1)?.text).toContain("Photo is on the shelf, and off.");
});

it("the few-steps LoRA is called by the speed that it is", () => {
  const { store } = studio();
  const fewSteps = { ...ink, id: "lcm", name: "few steps", madeFor: ["small"], suggested: { steps: 6 } };
  store.getState().setShelf([...store.getState().shelf.filter(({ id }) => id !== "lcm"), fewSteps]);
  for (const id of Object.keys(store.getState().loraUse)) store.getState().setLora(id, { enabled: false });
  store.getState().setLora("lcm", { enabled: true });
  store.getState().chooseModel({ vae: null });
  store.getState().setControl(0, { model: null });
  chooseModel(store, "checkpoint", "large");
  expect(store.getState().messages.at(-1)?.text).toBe("Fast is set aside, because it does not go with Large.");
});
