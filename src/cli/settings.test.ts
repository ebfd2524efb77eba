import { expect, it } from "vitest";
import type { MotionModule } from "../models/types.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { parseRenderArguments } from "./arguments.ts";
import { resolveSettings } from "./settings.ts";

function contextLength(maxFrames: number, trained: number | null, ...args: string[]): number {
  const motion = { config: { maxFrames } } as MotionModule;
  const models = { motion, defaults: { contextLength: trained } } as unknown as ModelSet;
  return resolveSettings(parseRenderArguments(["--prompt", "x", "--out", "x.gif", ...args]), models).contextLength;
}

it("a clip is seen as a whole where the motion module has positions for it, and in windows of 16 frames where not", () => {
  expect(contextLength(32, null, "--frames", "24")).toBe(24);
  expect(contextLength(32, null, "--frames", "33")).toBe(16);
  expect(contextLength(8, null, "--frames", "12")).toBe(8);
});

it("what is asked for comes first, then what the model was trained for; FreeNoise always has windows", () => {
  expect(contextLength(32, 16, "--frames", "24")).toBe(16);
  expect(contextLength(32, 16, "--frames", "24", "--context-length", "12")).toBe(12);
  expect(contextLength(32, null, "--frames", "24", "--context-mode", "freenoise")).toBe(16);
});
