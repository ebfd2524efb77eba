/**
 * Makes the examples of the studio's empty stage: renders the jobs of bench/examples.jsonl (a list for `zoetrope batch`, each with a
 * name) through our own engine and writes, for each checkpoint, public/examples/<checkpoint>/examples.json and a strip of all
 * frames for each example. What --work holds from an earlier run is not rendered again.
 *   npx tsx bench/examples.ts [--work FOLDER] [--threads 1]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright";
import { findProgram } from "../e2e/find-program.ts";
import { defaultSettings } from "../src/core/settings/render-settings.ts";
import { decodePng } from "../src/formats/png/reader.ts";
import type { FileRef, Job } from "../src/jobs/job.ts";
import { parseJobLines } from "../src/jobs/parse-job.ts";
import { MINI_SETTINGS } from "../src/models/mini.ts";

const { values } = parseArgs({ options: { work: { type: "string" }, threads: { type: "string", default: "1" } } });

/** A newcomer's first animation has this seed. */
const firstSeed = 1;
/** The quality of the strips, 0-1. */
const quality = 0.8;
const list = "bench/examples.jsonl";
const work = values.work ?? mkdtempSync(join(tmpdir(), "zoetrope-examples-"));
const jobs = parseJobLines(readFileSync(list, "utf8"));

const batch = ["src/cli/zoetrope.mjs", "batch", list, "--out", work, "--name", "{name}.apng", "--threads", values.threads];
const { status } = spawnSync(process.execPath, batch, { stdio: "inherit" });
if (status !== 0) throw new Error("The examples were not rendered.");

const executablePath = findProgram("chromium");
if (executablePath === null) throw new Error("No Chromium found: set PLAYWRIGHT_CHROMIUM to its path.");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
rmSync("public/examples", { recursive: true, force: true });
let bytes = 0;
try {
  const page = await browser.newPage();
  for (const checkpoint of new Set(jobs.map((job) => idOf(job.checkpoint)))) await writeExamples(page, checkpoint);
} finally {
  await browser.close();
}
console.log(`${jobs.length} examples, ${(bytes / 1e6).toFixed(2)} MB`);

async function writeExamples(page: Page, checkpoint: string): Promise<void> {
  const folder = join("public/examples", checkpoint);
  mkdirSync(folder, { recursive: true });
  const own = jobs.filter((job) => idOf(job.checkpoint) === checkpoint);
  for (const job of own) {
    const strip = await webpStrip(page, join(work, `${job.name}.apng`));
    bytes += strip.length;
    writeFileSync(join(folder, `${job.name}.webp`), strip);
  }
  // Those of the other checkpoints follow, and lead to them.
  const others = jobs.filter((job) => idOf(job.checkpoint) !== checkpoint && checkpoint === "mini");
  const examples = [...own, ...others].map((job) => {
    const { settings } = job;
    return {
      title: job.name,
      strip: idOf(job.checkpoint) === checkpoint ? `${job.name}.webp` : `../${idOf(job.checkpoint)}/${job.name}.webp`,
      settings: { fps: defaultSettings().fps, ...MINI_SETTINGS, ...settings },
      models: modelsOf(job),
    };
  });
  writeFileSync(join(folder, "examples.json"), `${JSON.stringify({ firstSeed, examples }, null, 1)}\n`);
}

/** The models by their ids on the page's shelf. */
function modelsOf({ checkpoint, motion, vae, loras, motionLoras }: Job) {
  const weighed = (all: Job["loras"]) => all.map((lora) => ({ id: idOf(lora), weight: lora.weight }));
  return {
    checkpoint: idOf(checkpoint),
    motion: motion === null ? null : idOf(motion),
    vae: vae === null ? null : idOf(vae),
    loras: weighed(loras),
    motionLoras: weighed(motionLoras),
  };
}

function idOf(file: FileRef): string {
  if ("id" in file) return file.id;
  throw new Error(`${file.path}: an example names its models by id, because the page has no paths.`);
}

/** All frames from top to bottom; every browser can read a still WebP. */
async function webpStrip(page: Page, path: string): Promise<Buffer> {
  const { width, height, frames } = decodePng(new Uint8Array(readFileSync(path)));
  const pictures = Array.from(frames, (frame) => Buffer.from(new Uint8Array(frame)).toString("base64"));
  const url = await page.evaluate(
    ({ width, height, pictures, quality }) => {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width, height: height * pictures.length });
      const context = canvas.getContext("2d")!;
      for (const [i, picture] of pictures.entries()) {
        const pixels = Uint8ClampedArray.from(atob(picture), (char) => char.charCodeAt(0));
        context.putImageData(new ImageData(pixels, width, height), 0, i * height);
      }
      return canvas.toDataURL("image/webp", quality);
    },
    { width, height, pictures, quality },
  );
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
