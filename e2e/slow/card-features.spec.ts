/**
 * A software renderer treated as a graphics card: its features are tried and given up where they are wrong, its kernels
 * are measured, and the forms of the graph and of its inputs are compared. It takes minutes, so `npm test` leaves it out:
 *   npm run e2e:slow
 */

import { expect, type Page, test } from "@playwright/test";
import type { DeviceReport } from "../../src/protocol/engine.ts";
import { HARNESS_URL } from "../addresses.ts";

test.describe.configure({ mode: "serial" });
test.setTimeout(900_000);

let page: Page;
let report: DeviceReport;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(900_000);
  page = await browser.newPage();
  await page.goto(HARNESS_URL);
  report = await open();
  expect(report).toMatchObject({ backend: "webgpu", notice: null });
  for (const { op, maxError, used } of report.selfTest)
    console.log(`  self-test ${op}: ${maxError.toExponential(1)}${used ? "" : " (not used)"}`);
});
test.afterAll(() => page.close());

test("subgroups switch themselves off, because attention is wrong with them on the software renderer, and stay off", async () => {
  expect(report.card).toMatchObject({
    features: [],
    givenUp: expect.arrayContaining([{ feature: "subgroups", because: expect.stringMatching(/^M/) }]),
  });
  for (const { family, width, rows, ms } of report.card!.kernels)
    console.log(`  kernel ${family}, ${rows}×${width}×${width}: ${ms.toFixed(1)} ms`);
  expect(report.card!.kernels.length).toBeGreaterThan(0);
  // The second device is made of what the first left in the notes.
  const began = performance.now();
  expect((await open()).card).toEqual(report.card);
  console.log(`  opened again in ${((performance.now() - began) / 1000).toFixed(1)} s`);
});

test("other forms of the graph compute the same", async () => {
  for (const { form, relL2 } of await page.evaluate(() => window.harness.compareForms())) {
    console.log(`  ${form}: ${relL2.toExponential(1)} (limit 1.0e-5)`);
    expect.soft(relL2, form).toBeLessThanOrEqual(1e-5);
  }
});

test("inputs and outputs that stay on the card, and captured commands, compute the same", async () => {
  const results = await page.evaluate(() => window.harness.compareIo());
  expect(results.map(({ form }) => form)).toEqual(["bound", "captured"]);
  for (const { form, relL2 } of results) expect.soft(relL2, form).toBe(0);
});

function open(): Promise<DeviceReport> {
  return page.evaluate(() => window.harness.open({ prefer: "webgpu", threads: 2, strict: true, softwareAsCard: true }));
}
