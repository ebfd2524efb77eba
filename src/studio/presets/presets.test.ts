import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { MemoryPresetStore } from "../../storage/preset-store.ts";
import { followLink } from "../link/follow-link.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { createUndo } from "../undo/undo.ts";
import { presetActions } from "./actions.ts";
import { builtInStyles } from "./built-in-styles.ts";
import { keepPresets } from "./keep-presets.ts";

const shared = { summary: "", bytes: 0, builtIn: true, triggerWords: [], suggested: {} };
const checkpoint: ShelfItem = { ...shared, id: "base", name: "Base", kind: "checkpoint", suggested: { steps: 30, cfgScale: 6 } };
const other: ShelfItem = { ...shared, id: "other", name: "Other", kind: "checkpoint" };
const neon: ShelfItem = { ...shared, id: "neon", name: "neon", kind: "lora" };

beforeEach(() => {
  vi.stubGlobal("location", { hash: "", origin: "https://host", pathname: "/", search: "" });
});
afterEach(() => vi.unstubAllGlobals());

function studio() {
  const store = createStudioStore();
  store.getState().setShelf([checkpoint, other, neon]);
  const clock = { ms: 0 };
  const undo = createUndo(store, () => clock.ms);
  undo.begin();
  const actions = presetActions(
    store,
    keepPresets(store, async () => new MemoryPresetStore()),
    followLink(store),
  );
  const later = () => {
    clock.ms += 10_000;
  };
  const preset = () => store.getState().named.find((each) => each.kind === "preset")!;
  return { store, undo, actions, later, preset };
}

it("a preset brings back settings and models; words and seed stay; one undo takes it back", async () => {
  const { store, undo, actions, later, preset } = studio();
  const { setNumber, setLora, setPrompt, choose, chooseModel } = store.getState();
  setNumber("steps", "33");
  choose({ sampler: "euler" });
  chooseModel({ checkpoint: "other" });
  setLora("neon", { enabled: true, weight: "0.7" });
  await actions.savePreset("Evening");

  setNumber("steps", "8");
  setNumber("seed", "99");
  choose({ sampler: "lcm" });
  chooseModel({ checkpoint: "base" });
  setLora("neon", { enabled: false });
  setPrompt("a new thought");
  later();
  actions.applyPreset(preset());
  expect(store.getState()).toMatchObject({
    ...{ prompt: "a new thought", sampler: "euler", checkpoint: "other", numbers: { steps: "33", seed: "99" } },
    loraUse: { neon: { enabled: true, weight: "0.7" } },
  });
  undo.undo();
  expect(store.getState()).toMatchObject({
    ...{ sampler: "lcm", checkpoint: "base", numbers: { steps: "8", seed: "99" }, loraUse: { neon: { enabled: false } } },
  });
});

it("models that are gone are said, and the rest is applied", async () => {
  const { store, actions, preset } = studio();
  store.getState().setLora("neon", { enabled: true });
  store.getState().setNumber("steps", "33");
  await actions.savePreset("Neon");
  store.getState().setNumber("steps", "8");
  store.getState().setShelf([checkpoint]);
  actions.applyPreset(preset());
  expect(store.getState().numbers.steps).toBe("33");
  expect(store.getState().messages.map(({ text }) => text)).toEqual(["The settings are here, but not all their models: neon."]);
});

it("saving under a name again replaces; a preset is renamed, deleted, and put back", async () => {
  const { store, actions, preset } = studio();
  const names = () => store.getState().named.map(({ kind, name }) => `${kind} ${name}`);
  await actions.savePreset("Mine");
  store.getState().setNumber("steps", "44");
  await actions.savePreset("Mine");
  await actions.saveStyle({ name: "Mine", prompt: "ink", negative: "" });
  expect(names().sort()).toEqual(["preset Mine", "style Mine"]);
  expect(preset()).toMatchObject({ settings: expect.stringContaining("steps=44") });
  await actions.renameNamed(preset(), "Ours");
  expect(names().sort()).toEqual(["preset Ours", "style Mine"]);
  await actions.removeNamed(preset());
  expect(names()).toEqual(["style Mine"]);
  store.getState().messages.at(-1)?.action?.run();
  await vi.waitFor(() => expect(names().sort()).toEqual(["preset Ours", "style Mine"]));
});

it("a reset puts back everything but the words and the checkpoint, as that suggests, and is one step of undo", () => {
  const { store, undo, actions, later } = studio();
  const { setNumber, setLora, setPrompt, choose, setStart } = store.getState();
  setPrompt("a fox");
  setNumber("steps", "3");
  setNumber("motionScale", "2");
  choose({ loop: "on", precision: "fp32" });
  setLora("neon", { enabled: true, weight: "0.1" });
  setStart({ name: "fox.png", pictures: [] });
  later();
  actions.resetSettings();
  expect(store.getState()).toMatchObject({
    ...{ prompt: "a fox", checkpoint: "base", loop: "off", precision: "automatic", loraUse: {}, start: null },
    numbers: { steps: "30", cfgScale: "6", motionScale: "1" },
  });
  expect(store.getState().loraUse).toEqual({});
  undo.undo();
  expect(store.getState()).toMatchObject({
    ...{ loop: "on", precision: "fp32", start: { name: "fox.png" }, numbers: { steps: "3", motionScale: "2" } },
    loraUse: { neon: { enabled: true, weight: "0.1" } },
  });
});

it("a style is worn and taken off, both parts of it", async () => {
  const { store, actions } = studio();
  store.getState().setPrompt("a fox");
  await actions.saveStyle({ name: "Film", prompt: "film still of {prompt}, grain", negative: "cartoon" });
  const style = store.getState().named[0]!;
  if (style.kind !== "style") throw new Error("no style");
  actions.toggleStyle(style);
  expect(store.getState()).toMatchObject({ prompt: "film still of a fox, grain", negative: "cartoon" });
  actions.toggleStyle(style);
  expect(store.getState()).toMatchObject({ prompt: "a fox", negative: "" });
});

it("a style that ships with the page takes the place of another; the person's own stays", () => {
  const { store, actions } = studio();
  const [film, , anime] = builtInStyles;
  store.getState().setPrompt("a fox");
  store.getState().setNegative("blur");
  actions.toggleStyle(film!, builtInStyles);
  actions.toggleStyle(anime!, builtInStyles);
  expect(store.getState()).toMatchObject({
    prompt: "anime artwork of a fox, clean line art, cel shading, vibrant colors",
    negative: "blur, photograph, realistic, 3d render",
  });
  actions.toggleStyle({ prompt: "mine", negative: "" });
  expect(store.getState().prompt).toMatch(/^anime artwork of a fox.*, mine$/);
  actions.toggleStyle({ prompt: "mine", negative: "" });
  actions.toggleStyle(anime!, builtInStyles);
  expect(store.getState()).toMatchObject({ prompt: "a fox", negative: "blur" });
});

it("each style that ships with the page has a name of its own, goes on and comes off", () => {
  expect(new Set(builtInStyles.map(({ name }) => name)).size).toBe(builtInStyles.length);
  for (const style of builtInStyles) {
    const { store, actions } = studio();
    store.getState().setPrompt("a fox");
    actions.toggleStyle(style, builtInStyles);
    expect(store.getState().prompt, style.name).toContain("a fox,");
    expect(store.getState().negative, style.name).not.toBe("");
    actions.toggleStyle(style, builtInStyles);
    expect(store.getState(), style.name).toMatchObject({ prompt: "a fox", negative: "" });
  }
});
