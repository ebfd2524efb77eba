import { expect, it, vi } from "vitest";
import type { CardReport } from "../../protocol/engine.ts";
import type { LastRun } from "../store/device.ts";
import { gpu } from "../testing/fake-engine.ts";
import { diagnostics } from "./diagnostics.ts";
import { fasterKernels, fastestProducts } from "./faster-kernels.ts";

const card: CardReport = {
  features: ["subgroups"],
  givenUp: [{ feature: "chromium-experimental-subgroup-matrix", because: "MatMulNBits 8 bit 64×320×320" }],
  kernels: [
    { family: "8 bit, rounded", width: 320, rows: 256, ms: 4 },
    { family: "8 bit, rounded, rows of 128s", width: 320, rows: 256, ms: 2.5 },
    { family: "8 bit, rounded", width: 640, rows: 64, ms: 1 },
    { family: "fp16", width: 640, rows: 64, ms: 3 },
  ],
};

it("names the features in use, and those that were switched off with the operation that was wrong", () => {
  expect(fasterKernels(card)).toBe(
    "use subgroups; chromium-experimental-subgroup-matrix is switched off, because it computes wrong results " +
      "(MatMulNBits 8 bit 64×320×320)",
  );
  expect(fasterKernels({ ...card, features: [] })).toMatch(/^chromium/);
  expect(fasterKernels({ features: [], givenUp: [], kernels: [] })).toBe("");
});

it("names the fastest product at each width", () => {
  expect(fastestProducts(card)).toBe("8 bit, rounded, rows of 128s (320 wide, 2.5 ms); 8 bit, rounded (640 wide, 1.0 ms)");
  expect(fastestProducts({ kernels: [] })).toBe("");
});

it("diagnostics have the features given up and every measured kernel, but no prompt", async () => {
  vi.stubGlobal("navigator", { userAgent: "a browser", hardwareConcurrency: 2 });
  vi.stubGlobal("crossOriginIsolated", true);
  const settings = { prompt: "a secret", frames: 16, width: 128, height: 128 };
  const last = { request: { settings }, timingsMs: { denoise: 5 } } as unknown as LastRun;
  const text = await diagnostics({ ...gpu, card }, last, { status: "idle" });
  expect(JSON.parse(text).engine.card).toEqual(card);
  expect(JSON.parse(text).lastAnimation).toMatchObject({ frames: 16, size: "128x128" });
  expect(text).not.toContain("secret");
});
