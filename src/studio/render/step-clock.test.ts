import { expect, it } from "vitest";
import { createStepClock } from "./step-clock.ts";

const step = (done: number, total = 4) => ({ type: "progress", phase: "denoise", done, total }) as const;

it("the first step does not count", () => {
  const clock = createStepClock();
  for (const [done, at] of [
    [0, 0],
    [1, 9000],
    [2, 10_000],
    [3, 11_000],
    [4, 12_000],
  ] as const)
    clock.note(step(done), at);
  clock.note({ type: "progress", phase: "decode", done: 4, total: 16 }, 20_000);
  expect(clock.denoiseMs()).toBe(4000);
});

it("one step tells nothing", () => {
  const clock = createStepClock();
  clock.note(step(1, 1), 9000);
  expect(clock.denoiseMs()).toBeNull();
});

it("a pass that begins anew warms up again", () => {
  const clock = createStepClock();
  clock.note(step(1), 0);
  clock.note(step(4), 30_000);
  clock.note(step(1), 40_000);
  clock.note(step(3), 42_000);
  expect(clock.denoiseMs()).toBe(4000);
});

it("a clip that went on in the middle is no whole one", () => {
  const clock = createStepClock();
  clock.note(step(1), 1000);
  expect(clock.whole()).toBe(true);
  const goesOn = createStepClock();
  goesOn.note(step(0), 0);
  goesOn.note(step(3), 0);
  goesOn.note(step(4), 1000);
  expect(goesOn.whole()).toBe(false);
});
