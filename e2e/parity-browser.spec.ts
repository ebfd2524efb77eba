/**
 * Compares the engine in a real browser with the references' tensors. One case of each group of the parity kits runs
 * through the product's pipeline, on WebAssembly with two threads and on WebGPU without a single operation on the
 * processor. The tests print the errors.
 */

import { expect, type Page, test } from "@playwright/test";
import { expectAgreement, expectCase, expectTraining, expectVector, groupOf, open, openHarness, show } from "./testing/parity.ts";

test.describe.configure({ mode: "serial" });

test.describe("WebAssembly on two threads", () => {
  let page: Page;

  test.beforeAll(async ({ browser }) => {
    page = await openHarness(browser.newPage());
    const report = await open(page, "wasm");
    expect(report).toMatchObject({ backend: "wasm", threads: 2, notice: null });
  });
  test.afterAll(() => page.close());

  for (const name of ["image_t333_5", "video_v2_original_t501", "clip", "decode", "encode"]) {
    test(`one forward: ${name}`, () => expectVector(page, name, 1e-5));
  }

  for (const name of [
    "a-image-odd-size",
    "c-v2-odd-size",
    "c-v1-original",
    "d-lora-noalpha-image",
    "e-motion-lora-v2",
    "f-dpmpp_2m_karras-linear",
    "f-euler_a-linear",
    "g-prompt-unicode",
    "j-window-flat",
    "p-ckpt-zip-nested",
    "p-motion-zip-module-prefix",
    "a-dora-out",
    "t-taesd-decoder",
    "s-tcd",
  ]) {
    test(`${groupOf(name)}: ${name}`, () => expectCase(page, name, "wasm", null));
  }

  test("training: three steps of a LoRA", () => expectTraining(page, 3, 2e-5, 1e-3));
});

test.describe("WebGPU, nothing on the processor", () => {
  // The software renderer takes seconds for a call of the tiny UNet; more cases are in e2e/slow/parity-webgpu.spec.ts.
  test.setTimeout(900_000);
  let page: Page;
  test.beforeAll(async ({ browser }) => {
    page = await openHarness(browser.newPage());
    const report = await open(page, "webgpu");
    expect(report).toMatchObject({ backend: "webgpu", notice: null });
    for (const { op, maxError, used } of report.selfTest)
      console.log(`  self-test ${op}: ${show(maxError)}${used ? "" : " (not used)"}`);
  });
  test.afterAll(() => page.close());

  test("an operation that WebGPU does not have is refused rather than run on the processor", async () => {
    expect(await page.evaluate(() => window.harness.openOperation("Sqrt"))).toBeNull();
    expect(await page.evaluate(() => window.harness.openOperation("Round"))).toContain("fallback");
  });

  test("one forward: clip", () => expectVector(page, "clip", 1e-4));

  test("half-precision tables work where the device has no fp16", () => expectVector(page, "clip", 1e-3, { precision: "q8" }));

  test("base: a-image-odd-size, step 1", () => expectCase(page, "a-image-odd-size", "webgpu", 1));

  test("motion-lora: e-motion-lora-v2, cut down", ({ browser }) => expectAgreement(browser, page, "e-motion-lora-v2"));

  test("memory that runs out is reported as such, while weights are loaded and while running, and a new device takes over", async () => {
    for (const bytes of [4e6, 24e6]) {
      expect(await page.evaluate((bytes) => window.harness.runOutOfMemoryDuring("clip", bytes), bytes)).toBe(
        "device/out-of-memory",
      );
      expect(await open(page, "webgpu")).toMatchObject({ backend: "webgpu", notice: null });
    }
    await expectVector(page, "clip", 1e-4);
  });

  test("a lost device is reported as such, and another one takes over", async () => {
    expect(await page.evaluate(() => window.harness.loseDeviceDuring("image_t333_5"))).toBe("device/lost");
    expect(await page.evaluate(() => window.harness.loseDeviceDuring("clip"))).toBe("device/lost");
    expect(await open(page, "webgpu")).toMatchObject({ backend: "webgpu", notice: null });
    await expectVector(page, "clip", 1e-4);
  });
});

test.describe("browsers without JavaScript promise integration", () => {
  for (const [prefer, build, limit] of [
    ["wasm", /ort-wasm-simd-threaded-[^.]*\.wasm$/, 1e-5],
    ["webgpu", /ort-wasm-simd-threaded\.asyncify-[^.]*\.wasm$/, 1e-4],
  ] as const) {
    test(`${prefer} by another build of the engine: clip`, async ({ browser }) => {
      const page = await openHarness(browser.newPage());
      await page.evaluate(() => window.harness.removeJspi());
      expect(await open(page, prefer)).toMatchObject({ backend: prefer, notice: null });
      await expectVector(page, "clip", limit);
      const files = await page.evaluate(() => window.harness.engineFiles());
      expect(files).toEqual([expect.stringMatching(build)]);
      await page.close();
    });
  }
});
