/**
 * Runs the page's engine on a card through the tests' harness: self-test, features, kernel choice, forwards of the parity kit, and the
 * forms of the graph. Prints Markdown:
 *   npx tsx bench/card/page-engine.ts OUT [--rehearse]
 * OUT/way.json is from find-adapter.ts.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { build, preview } from "vite";
import { findProgram } from "../../e2e/find-program.ts";
import type { Way } from "./find-adapter.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rehearse: { type: "boolean", default: false } },
});
const way: Way = JSON.parse(readFileSync(join(positionals[0]!, "way.json"), "utf8"));
const PORT = 4694;
const configFile = resolve("e2e/harness/vite.config.ts");
const forwards = values.rehearse ? ["clip"] : ["image_t333_5", "video_v2_original_t501", "clip", "decode"];

await build({ configFile, logLevel: "error" });
const server = await preview({ configFile, logLevel: "error", preview: { port: PORT, strictPort: true } });
const browser = await chromium.launch({
  executablePath: findProgram("chromium")!,
  headless: way.headed !== true,
  args: ["--no-sandbox", "--enable-unsafe-webgpu", ...way.flags],
  env: { ...process.env, ...way.env } as Record<string, string>,
});
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(`page: ${error.message}`));
  page.on("console", (message) => console.error(`page: ${message.text()}`));
  await page.goto(`http://127.0.0.1:${PORT}/`);
  const began = performance.now();
  const report = await page.evaluate(() => window.harness.open({ prefer: "webgpu", threads: 2, strict: false }));
  const { card, selfTest, fp16, name } = report;
  console.log(`${name}; fp16 ${fp16 ? "right" : "not used"}; opened in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  console.log(`Features used: ${card?.features.join(", ") || "none"}; given up: ${JSON.stringify(card?.givenUp ?? [])}\n`);
  console.log("| self-test | largest error | used |\n|---|---|---|");
  for (const { op, maxError, used } of selfTest) console.log(`| ${op} | ${maxError.toExponential(1)} | ${used ? "yes" : "no"} |`);
  console.log("\n| kernel | rows × width | ms |\n|---|---|---|");
  for (const { family, width, rows, ms } of card?.kernels ?? [])
    console.log(`| ${family} | ${rows} × ${width} | ${ms.toFixed(2)} |`);
  console.log("\n| form of the graph | rel. L2 to the usual one |\n|---|---|");
  for (const { form, relL2 } of await page.evaluate(() => window.harness.compareForms()))
    console.log(`| ${form} | ${relL2.toExponential(1)} |`);
  console.log("\n| inputs and outputs | rel. L2 to copied ones |\n|---|---|");
  for (const { form, relL2 } of await page.evaluate(() => window.harness.compareIo()))
    console.log(`| ${form} | ${relL2.toExponential(1)} |`);
  console.log("\n| forward of the parity kit | precision | rel. L2 | ms |\n|---|---|---|---|");
  for (const precision of values.rehearse ? (["fp32"] as const) : (["fp32", "q8"] as const)) {
    for (const forward of forwards) {
      const result = await page
        .evaluate(([forward, precision]) => window.harness.vector(forward, { precision }), [forward, precision] as const)
        .catch((thrown: unknown) => String(thrown).slice(0, 120));
      const cells = typeof result === "string" ? [result, ""] : [result.relL2.toExponential(1), result.runMs.toFixed(0)];
      console.log(`| ${forward} | ${precision} | ${cells.join(" | ")} |`);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
