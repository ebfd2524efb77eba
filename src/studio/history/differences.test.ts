import { expect, it } from "vitest";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import { type Compared, differences } from "./differences.ts";
import { testSettings } from "./testing/entries.ts";

const names = { checkpoint: "Mini", motion: "Mini motion", loras: [] };
const models = { checkpoint: "mini", motion: "mini-motion", vae: null, loras: [], motionLoras: [] };
const clip = (settings: Partial<RenderSettings>, loras: { name: string; weight: number }[] = []): Compared => ({
  request: { settings: { ...testSettings, ...settings }, models },
  names: { ...names, loras },
});
const following = (weight: number, pictures: Omit<RenderRequest, "settings" | "models"> = {}): Compared => ({
  request: { ...clip({}).request, control: { model: "id", name: "edges.png", pictures: [], weight }, ...pictures },
  names: { ...names, control: "canny" },
});

it("names only the settings that differ, for each animation", () => {
  expect(differences([clip({ seed: 1 }), clip({ seed: 2 })])).toEqual(["seed 1", "seed 2"]);
  expect(differences([clip({ steps: 8, seed: 5 }), clip({ steps: 20, seed: 5 }, [{ name: "neon", weight: 0.8 }])])).toEqual([
    "no LoRA · 8 steps",
    "neon 0.8 · 20 steps",
  ]);
});

it("puts the animations' names first", () => {
  const [named, other] = [{ ...clip({ seed: 1 }), title: "take two" }, clip({ seed: 2 })];
  expect(differences([named, other])).toEqual(["take two · seed 1", "seed 2"]);
});

it("says so when all settings are the same", () => {
  expect(differences([clip({}), clip({})])).toEqual(["same settings", "same settings"]);
});

it("names the pictures that a clip begins with or follows", () => {
  const start = { name: "fish.png", strength: 0.5, pictures: [] };
  expect(differences([following(1), following(0.5, { start }), clip({})])).toEqual([
    "from noise · follows edges.png by canny 1",
    "begins with fish.png at 0.5 · follows edges.png by canny 0.5",
    "from noise · no control",
  ]);
});
