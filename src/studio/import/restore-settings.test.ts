import { expect, it } from "vitest";
import { parseSettingsText, settingsText } from "../../media/settings-text.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { buildRequest } from "../render/request.ts";
import { namesOf } from "../store/selection.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { restoreSettings } from "./restore-settings.ts";

const item = (id: string, kind: ShelfItem["kind"]): ShelfItem => ({
  ...{ id, kind, name: `My ${id}`, summary: "", bytes: 0, builtIn: false, triggerWords: [], suggested: {} },
});
const shelf = [item("base", "checkpoint"), item("moves", "motion"), item("soft", "vae"), item("canny", "controlnet")];
const [fish, edges] = [
  { name: "fish.png", pictures: [new Blob()] },
  { name: "edges.png", pictures: [new Blob()] },
];

function readyStore() {
  const store = createStudioStore();
  store.getState().setShelf(shelf);
  return store;
}

function requestOf(store: ReturnType<typeof readyStore>) {
  const result = buildRequest(store.getState(), () => 7);
  if (!result.ok) throw new Error(result.message);
  return result.request;
}

/** The text of what would be made now. */
function textOf(store: ReturnType<typeof readyStore>) {
  const request = requestOf(store);
  return settingsText(request.settings, namesOf(request, shelf), request);
}

function usingPictures() {
  const store = readyStore();
  store.getState().chooseModel({ vae: "soft" });
  store.getState().restoreStart({ ...fish, strength: 0.35 });
  store.getState().restoreControls([{ ...edges, model: "canny", weight: 0.8, end: 0.7, preprocessor: "canny" }]);
  return store;
}

it("with the same pictures at hand the text makes the very same request", () => {
  const text = textOf(usingPictures());
  const other = usingPictures();
  other.getState().setStrength("0.9");
  other.getState().setControl(0, { weight: "1", model: null });
  other.getState().chooseModel({ vae: null });
  restoreSettings(other, parseSettingsText(text)!);
  expect(requestOf(other)).toEqual({ ...requestOf(usingPictures()), settings: { ...requestOf(other).settings, seed: 7 } });
  expect(other.getState().messages).toEqual([]);
});

it("pictures that are not at hand are asked for, and others are not taken for them", () => {
  const store = readyStore();
  store.getState().setStart({ name: "bird.png", pictures: [new Blob()] });
  restoreSettings(store, parseSettingsText(textOf(usingPictures()))!);
  expect(store.getState()).toMatchObject({
    start: null,
    strength: "0.35",
    controls: [{ pictures: null, model: "canny", weight: "0.8", end: "0.7", preprocessor: "canny" }],
  });
  expect(store.getState().messages.map(({ text }) => text)).toEqual([
    "The settings are back, but not the pictures, which the file does not hold: fish.png to begin with, edges.png to follow.",
  ]);
});

it("a clip made from noise alone is made from noise again; another tool's text leaves the pictures alone", () => {
  const store = usingPictures();
  restoreSettings(store, parseSettingsText("a cat\nSteps: 20, Sampler: DDIM, CFG scale: 7, Seed: 1")!);
  expect(store.getState()).toMatchObject({ start: fish, controls: [{ pictures: edges }], vae: "soft" });
  restoreSettings(store, parseSettingsText(textOf(readyStore()))!);
  expect(store.getState()).toMatchObject({ start: null, controls: [{ model: null }], vae: null });
});

it("a sampler that is not here is named, with the one that takes its place", () => {
  const store = readyStore();
  store.getState().choose({ sampler: "euler" });
  restoreSettings(store, parseSettingsText("a cat\nSteps: 20, Sampler: Restart, CFG scale: 7, Seed: 1")!);
  expect(store.getState().sampler).toBe("euler");
  expect(store.getState().messages.map(({ text }) => text)).toEqual([
    "There is no sampler Restart here; Euler is chosen instead.",
  ]);
});
