/**
 * More of the parity kit on WebGPU without a single operation on the processor, than e2e/parity-browser.spec.ts has time for: the
 * software renderer computes half a GFLOP a second.
 *   npm run e2e:slow
 */

import { expect, type Page, test } from "@playwright/test";
import { expectCase, expectTraining, expectVector, groupOf, open, openHarness } from "../testing/parity.ts";

test.describe.configure({ mode: "serial" });
test.setTimeout(900_000);

let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await openHarness(browser.newPage());
  expect(await open(page, "webgpu")).toMatchObject({ backend: "webgpu", notice: null });
});
test.afterAll(() => page.close());

for (const name of ["image_t333_5", "decode"]) test(`one forward: ${name}`, () => expectVector(page, name, 1e-4));

// Quick cases run to the end, slow ones stop after one step.
for (const [name, stopAfter] of [
  ["a-image-odd-size", null],
  ["c-v2-odd-size", 1],
  ["d-lora-negative-weight", 1],
  ["f-ddim-cfg1", 1],
  ["g-clip-skip-2", 1],
] as const) {
  test(`${groupOf(name)}: ${name}${stopAfter === null ? "" : `, step ${stopAfter}`}`, () =>
    expectCase(page, name, "webgpu", stopAfter));
}

test("training: one step of a LoRA", () => expectTraining(page, 1, 1e-4, null));
