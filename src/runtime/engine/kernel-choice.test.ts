import { expect, it } from "vitest";
import type { KernelTiming } from "../../protocol/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { graphStyle } from "./graph-style.ts";
import { choiceOf, chooseKernels, styleOf } from "./kernel-choice.ts";

type Family = KernelTiming["family"];

const timed = (ms: Readonly<Partial<Record<Family, number>>>, width: number) =>
  Object.entries(ms).map(([family, each]) => ({ family: family as Family, width, rows: 64, ms: each }));

const levels = (timings: readonly KernelTiming[]) => choiceOf(timings).accuracy.map(({ level }) => level);

it("products take the kernel that is clearly faster at their width, from there on", () => {
  const timings = [
    ...timed({ "8 bit, rounded": 10, "8 bit, exact": 11 }, 320),
    ...timed({ "8 bit, rounded": 10, "8 bit, exact": 9.5 }, 640),
    ...timed({ "8 bit, rounded": 10, "8 bit, exact": 5 }, 1280),
  ];
  expect(levels(timings)).toEqual([4, 4, 0]);
  const { accuracy } = styleOf(choiceOf(timings));
  expect([40, 320, 640, 1280, 5120].map((k) => accuracy!(k, 64))).toEqual([4, 4, 4, 0, 0]);
});

it("rows are padded where that reaches a faster kernel, which rounds activations", () => {
  const usual = { "8 bit, rounded": 10, "8 bit, exact": 8 } as const;
  const choice = choiceOf(timed({ ...usual, "8 bit, rounded, rows of 128s": 6 }, 320));
  expect(choice).toMatchObject({ alignedRows: true, accuracy: [{ width: 320, level: 4 }, {}, {}] });
  const backend = { kind: "webgpu", attention: "fused", fp16: true, tuning: styleOf(choice) } as const;
  expect(graphStyle(backend, "q8").forms).toEqual({ alignedRows: 128 });
  expect(choiceOf(timed({ ...usual, "8 bit, rounded, rows of 128s": 9.5 }, 320))).toMatchObject({ alignedRows: false });
});

it("widths that were not measured keep the usual form", () => {
  expect(choiceOf([])).toMatchObject({ alignedRows: false, accuracy: [{ level: 4 }, { level: 4 }, { level: 4 }] });
  expect(levels(timed({ "8 bit, exact": 1 }, 640))).toEqual([4, 4, 4]);
});

it("a device's kernels are timed, as many as the time allows", async () => {
  const backend = await createNodeBackend({ threads: 1 });
  const measure = (fp16: boolean, budgetMs: number) =>
    chooseKernels((model) => backend.createSession(model, []), { fp16, budgetMs, now: () => performance.now() });
  try {
    const { timings } = await measure(true, 120_000);
    expect(timings.map(({ width, family }) => `${family} ${width}`)).toHaveLength(13);
    for (const { ms, rows } of timings) {
      expect(ms).toBeGreaterThan(0);
      expect(rows).toBeGreaterThanOrEqual(64);
    }
    expect((await measure(false, 0)).timings).toHaveLength(1);
  } finally {
    await backend.dispose();
  }
});
