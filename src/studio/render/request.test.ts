import { expect, it } from "vitest";
import { parseSettingsText, settingsText } from "../../media/settings-text.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { buildRequest } from "./request.ts";

const item = (id: string, kind: ShelfItem["kind"], suggested: ShelfItem["suggested"] = {}): ShelfItem => ({
  id,
  kind,
  name: id,
  summary: "",
  bytes: 0,
  builtIn: true,
  triggerWords: [],
  suggested,
});
const shelf = [
  item("mini", "checkpoint", { steps: 12 }),
  { ...item("mini-motion", "motion"), maxFrames: 32, contextLength: 16 },
  { ...item("v3", "motion"), maxFrames: 32 },
  item("neon", "lora"),
  item("pan", "motion-lora"),
];

function readyStore() {
  const store = createStudioStore();
  store.getState().setShelf(shelf);
  return store;
}
const requestOf = (store: ReturnType<typeof readyStore>, seed = 7) => buildRequest(store.getState(), () => seed);

it("the first visit's settings make a request as they are", () => {
  const result = requestOf(readyStore(), 42);
  expect(result).toMatchObject({
    ok: true,
    request: {
      settings: { seed: 42, frames: 16, schedule: null },
      models: { checkpoint: "mini", motion: "mini-motion", loras: [] },
    },
  });
});

it("a number that cannot be used is named, and what was typed stays", () => {
  const store = readyStore();
  store.getState().setNumber("frames", "1000000");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "Frames", message: expect.stringContaining("from 1 to 128") });
  expect(store.getState().numbers.frames).toBe("1000000");
});

it("LoRAs are used when on, at their weight, each kind in its list; at weight 0 they are left out", () => {
  const store = readyStore();
  store.getState().setLora("neon", { enabled: true, weight: "0,65" });
  store.getState().setLora("pan", { enabled: true });
  expect(requestOf(store)).toMatchObject({
    request: { models: { loras: [{ id: "neon", weight: 0.65 }], motionLoras: [{ id: "pan", weight: 0.8 }] } },
  });
  store.getState().setLora("neon", { weight: "0" });
  expect(requestOf(store)).toMatchObject({ request: { models: { loras: [] } } });
  store.getState().setLora("neon", { weight: "9" });
  expect(requestOf(store)).toMatchObject({ ok: false, field: "LoRA weight: neon" });
});

it("a locked seed is used, a random one is drawn even when the field holds nonsense", () => {
  const store = readyStore();
  store.getState().setNumber("seed", "123");
  store.getState().setSeedMode("locked");
  expect(requestOf(store)).toMatchObject({ request: { settings: { seed: 123 } } });
  store.getState().setNumber("seed", "abc");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "Seed" });
  store.getState().setSeedMode("random");
  expect(requestOf(store, 9)).toMatchObject({ request: { settings: { seed: 9 } } });
});

it("a variation goes towards the seed in its field, or another one each time, and comes back with its clip", () => {
  const store = readyStore();
  expect(requestOf(store)).not.toHaveProperty("request.settings.variation");
  store.getState().setNumber("variationSeed", "nonsense");
  expect(requestOf(store)).toMatchObject({ ok: true });
  store.getState().setNumber("variation", "0,15");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "Variation seed" });
  store.getState().setNumber("variationSeed", "");
  const drawn = requestOf(store, 31);
  expect(drawn).toMatchObject({ request: { settings: { variation: { strength: 0.15, seed: 31 } } } });
  if (!drawn.ok) return;
  const other = readyStore();
  other.getState().restoreSettings(drawn.request.settings, drawn.request.automatic);
  expect(requestOf(other, 5)).toEqual(drawn);
  other.getState().restoreSettings({ prompt: "a clip without" });
  expect(other.getState().numbers).toMatchObject({ variation: "0", variationSeed: "" });
});

it("restoring a request makes the very same request", () => {
  const store = readyStore();
  store.getState().setLora("neon", { enabled: true, weight: "1.2" });
  store.getState().choose({ sampler: "euler_a", schedule: "linear", precision: "q8" });
  const first = requestOf(store, 99);
  if (!first.ok) throw new Error(first.message);
  const other = readyStore();
  other.getState().setLora("pan", { enabled: true });
  other.getState().chooseModel({ motion: null });
  other.getState().restoreSettings(first.request.settings, first.request.automatic);
  other.getState().restoreSelection(first.request.models);
  expect(requestOf(other, 5)).toEqual(first);
});

it("keyframes within the clip travel with the request, and come back from it", () => {
  const store = readyStore();
  store.getState().setPrompt("day");
  store.getState().setKeyframes([
    { frame: 8, text: "night" },
    { frame: 40, text: "too late" },
  ]);
  const travelling = requestOf(store, 3);
  const promptAt = [
    { frame: 0, text: "day" },
    { frame: 8, text: "night" },
  ];
  expect(travelling).toMatchObject({ request: { settings: { prompt: "day", promptAt, longPrompts: "chunk" } } });
  if (!travelling.ok) return;
  const other = readyStore();
  other.getState().restoreSettings(travelling.request.settings, travelling.request.automatic);
  expect(other.getState()).toMatchObject({ prompt: "day", keyframes: promptAt.slice(1) });
  other.getState().restoreSettings({ prompt: "noon" });
  expect(other.getState()).toMatchObject({ prompt: "noon", keyframes: [] });
});

it("windows are set where the clip is longer than they are, within what the motion module knows", () => {
  const store = readyStore();
  const { setNumber } = store.getState();
  setNumber("contextLength", "40");
  setNumber("contextOverlap", "nonsense");
  expect(requestOf(store)).toMatchObject({ request: { settings: { contextLength: 16, contextOverlap: 4 } } });
  setNumber("frames", "24");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "Context length", message: expect.stringContaining("1 to 32") });
  setNumber("contextLength", "24");
  expect(requestOf(store)).toMatchObject({ request: { settings: { contextLength: 24, contextOverlap: 4 } } });
  setNumber("contextLength", "8");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "Context overlap", message: expect.stringContaining("0 to 7") });
  setNumber("contextOverlap", "6");
  store.getState().choose({ contextMode: "freenoise" });
  const settings = { frames: 24, contextLength: 8, contextOverlap: 6, contextMode: "freenoise" } as const;
  expect(requestOf(store)).toMatchObject({ request: { settings } });
  const other = readyStore();
  other.getState().restoreSettings(settings);
  expect(requestOf(other)).toMatchObject({ request: { settings } });
  store.getState().chooseModel({ motion: null });
  setNumber("contextLength", "nonsense");
  expect(requestOf(store)).toMatchObject({ ok: true });
});

it("left alone, the whole clip is seen where the motion module knows as many frames, else windows of what it was trained on", () => {
  const store = readyStore();
  const context = (motion: string, frames: number) => {
    store.getState().chooseModel({ motion });
    store.getState().setNumber("frames", String(frames));
    const result = requestOf(store);
    return result.ok ? result.request.settings.contextLength : result.message;
  };
  expect([16, 24, 32, 33].map((frames) => context("v3", frames))).toEqual([16, 24, 32, 16]);
  expect([16, 24, 33].map((frames) => context("mini-motion", frames))).toEqual([16, 16, 16]);
  store.getState().choose({ contextMode: "freenoise" });
  expect(context("v3", 24)).toBe(16);
});

it("a chosen model brings its settings along and leaves the others", () => {
  const store = readyStore();
  store.getState().setNumber("fps", "12");
  store.getState().applySuggested({ steps: 6, cfgScale: 1.5, sampler: "lcm" });
  expect(store.getState()).toMatchObject({ numbers: { steps: "6", cfgScale: "1.5", fps: "12", frames: "16" }, sampler: "lcm" });
});

it("an animation that comes back leaves to the page what was left to it, and says in a saved file what that was", () => {
  const store = readyStore();
  const left = requestOf(store);
  if (!left.ok) throw new Error(left.message);
  expect(left.request).toMatchObject({ settings: { precision: "fp32" }, automatic: ["precision", "contextLength"] });
  store.getState().restoreSettings(left.request.settings, left.request.automatic);
  expect(store.getState()).toMatchObject({ precision: "automatic", numbers: { contextLength: "" } });

  const text = settingsText(left.request.settings, { checkpoint: "mini", motion: null, loras: [] }, left.request);
  expect(text).toContain("Precision: fp32");
  expect(parseSettingsText(text)).toMatchObject({ automatic: ["precision", "contextLength"], unread: [] });

  store.getState().choose({ precision: "q8" });
  store.getState().setNumber("contextLength", "16");
  const chosen = requestOf(store);
  expect(chosen.ok && chosen.request.automatic).toBeUndefined();
});

it("a clip begins at the chosen picture of a longer video; what is no such picture is refused", () => {
  const store = readyStore();
  const pictures = Array.from({ length: 20 }, (_, i) => new Blob([String(i)]));
  store.getState().setStart({ name: "video.mp4", pictures });
  store.getState().setStartFrom("4");
  const result = requestOf(store);
  expect(result.ok && result.request.start?.pictures).toEqual(pictures.slice(3));
  store.getState().setStartFrom("21");
  expect(requestOf(store)).toMatchObject({ ok: false, field: "From picture" });
  // With as many frames as pictures there is nothing to choose.
  store.getState().setNumber("frames", "20");
  const whole = requestOf(store);
  expect(whole.ok && whole.request.start?.pictures).toEqual(pictures);
});
