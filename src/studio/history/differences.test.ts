import { expect, it } from "vitest";
import type { RenderSettings } from "../../protocol/render.ts";
import { differences } from "./differences.ts";
import { testSettings } from "./testing/entries.ts";

const names = { checkpoint: "Mini", motion: "Mini motion", loras: [] };
const clip = (settings: Partial<RenderSettings>, loras: { name: string; weight: number }[] = []) => ({
  settings: { ...testSettings, ...settings },
  names: { ...names, loras },
});

it("only what differs is said, of each", () => {
  expect(differences([clip({ seed: 1 }), clip({ seed: 2 })])).toEqual(["seed 1", "seed 2"]);
  expect(differences([clip({ steps: 8, seed: 5 }), clip({ steps: 20, seed: 5 }, [{ name: "neon", weight: 0.8 }])])).toEqual([
    "no LoRA · 8 steps",
    "neon 0.8 · 20 steps",
  ]);
});

it("animations with the same settings are said to have them", () => {
  expect(differences([clip({}), clip({})])).toEqual(["same settings", "same settings"]);
});
