import { expect, it } from "vitest";
import type { MotionModule } from "../models/types.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { parseRenderArguments } from "./arguments.ts";
import { resolveSettings, speedNotice } from "./settings.ts";

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

function speed(steps: number | null, ...args: string[]) {
  const models = { motion: null, defaults: { steps } } as unknown as ModelSet;
  const given = parseRenderArguments(["--prompt", "x", "--out", "x.gif", ...args]);
  const settings = resolveSettings(given, models);
  return { ...settings, notice: speedNotice(given, settings, models) };
}

it("--speed fills settings that were not given, and says so; full is as without it", () => {
  expect(speed(null)).toEqual(speed(null, "--speed", "full"));
  const balanced = speed(null, "--speed", "balanced", "--guidance-end", "0.9");
  expect(balanced.stepCache).toBeGreaterThan(1);
  expect(balanced.guidanceEnd).toBe(0.9);
  expect(balanced.notice).toBe(
    `Balanced: --step-cache ${balanced.stepCache} --step-cache-branch ${balanced.stepCacheBranch} --guidance-start 0 --guidance-end 0.9.`,
  );
  expect(() => speed(null, "--speed", "warp")).toThrow("--speed takes fast, balanced, full");
});

it("with a model made for few steps, --speed shares nothing between its steps", () => {
  expect(speed(4, "--speed", "fast")).toMatchObject({ stepCache: 1, guidanceEnd: 1, notice: expect.stringContaining("4 steps") });
});
