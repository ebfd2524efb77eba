/**
 * Tries the ways in which a headless Chromium may see a graphics card, and keeps the flags of the first that does:
 *   npx tsx bench/card/find-adapter.ts OUT [--rehearse]
 * OUT/way.json has the flags, OUT/chrome-gpu-N.txt what chrome://gpu says in way N. `--rehearse` also takes the software renderer.
 */

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { findProgram } from "../../e2e/find-program.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rehearse: { type: "boolean", default: false } },
});
const out = positionals[0]!;
const WAIT_MS = 12_000;

export interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** With a window, for which an X server must run. */
  readonly headed?: boolean;
}

const native = [
  "--ignore-gpu-blocklist",
  "--use-webgpu-adapter=default",
  "--use-vulkan=native",
  "--enable-features=Vulkan,VulkanFromANGLE,DefaultANGLEVulkan",
];
const driver = driverFile();
const ways: readonly Way[] = [
  { name: "native Vulkan", flags: native },
  { name: "native Vulkan, Ozone headless", flags: [...native, "--ozone-platform=headless"] },
  ...(process.env.DISPLAY === undefined ? [] : [{ name: "native Vulkan, with a window", flags: native, headed: true }]),
  ...(driver === null
    ? []
    : [{ name: "driver file given", flags: native, env: { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver } }]),
  { name: "no GPU sandbox", flags: [...native, "--disable-gpu-sandbox"] },
  { name: "GPU in the browser's process", flags: [...native, "--in-process-gpu"] },
  {
    name: "ANGLE on Vulkan",
    flags: ["--ignore-gpu-blocklist", "--use-angle=vulkan", "--enable-features=Vulkan", "--disable-vulkan-surface"],
  },
  { name: "ANGLE on OpenGL", flags: ["--ignore-gpu-blocklist", "--use-angle=gl-egl"] },
  ...(values.rehearse ? [{ name: "software renderer", flags: [] }] : []),
];

const executablePath = findProgram("chromium");
if (executablePath === null) {
  console.log("No Chromium here (PLAYWRIGHT_CHROMIUM names one elsewhere).");
  process.exit(1);
}
const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<title>adapter</title>"));
await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
console.log("| way to a browser's adapter | adapter | features for faster kernels, fp16 |\n|---|---|---|");
let found: Way | null = null;
for (const [i, way] of (values.rehearse ? [ways[0]!, ways.at(-1)!] : ways).entries()) {
  const seen = await within(tryWay(way, i)).catch((thrown: unknown) => String(thrown).split("\n")[0]!.slice(0, 120));
  if (typeof seen === "string") {
    console.log(`| ${way.name} | none: ${seen} | |`);
    continue;
  }
  console.log(`| ${way.name} | ${seen.name}${seen.software ? " (software)" : ""} | ${seen.features.join(", ") || "none"} |`);
  if (seen.software && !values.rehearse) continue;
  found = way;
  break;
}
if (found !== null) writeFileSync(join(out, "way.json"), JSON.stringify(found));
process.exit(found === null ? 1 : 0);

interface Seen {
  readonly name: string;
  readonly software: boolean;
  readonly features: readonly string[];
}

async function tryWay({ flags, env, headed = false }: Way, index: number): Promise<Seen | string> {
  const browser = await chromium.launch({
    executablePath: executablePath!,
    headless: !headed,
    args: ["--no-sandbox", "--enable-unsafe-webgpu", ...flags],
    env: { ...process.env, ...env } as Record<string, string>,
    timeout: WAIT_MS,
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const seen = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
      if (adapter == null) return navigator.gpu === undefined ? "no WebGPU" : "no adapter";
      const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
      const telling = [...adapter.features].filter((feature) => /subgroup|shader-f16|timestamp/.test(feature));
      return {
        name: [vendor, architecture, device, description].filter(Boolean).join(" "),
        software: isFallbackAdapter,
        features: telling,
      };
    });
    await page.goto("chrome://gpu").catch(() => undefined);
    const text = await page.evaluate(
      () => document.querySelector("info-view")?.shadowRoot?.textContent ?? document.body.innerText,
    );
    writeFileSync(join(out, `chrome-gpu-${index}.txt`), text.replaceAll(/\n\s*\n+/g, "\n"));
    return seen;
  } finally {
    await browser.close().catch(() => undefined);
  }
}

function within<T>(task: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error("did not answer in time")), 2 * WAIT_MS).unref(),
  );
  return Promise.race([task, late]);
}

/** The Vulkan driver's manifest of a card. */
function driverFile(): string | null {
  for (const folder of ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/nvidia/share/vulkan/icd.d"]) {
    const name = existsSync(folder) ? readdirSync(folder).find((file) => /nvidia|radeon|intel/.test(file)) : undefined;
    if (name !== undefined) return join(folder, name);
  }
  return null;
}
