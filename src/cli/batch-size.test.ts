/** Batches whose clips are enlarged by a model, and have pictures between their frames. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { idsOf } from "../farm/farm-job.ts";
import { decodePng } from "../formats/png/reader.ts";
import { parseJob } from "../jobs/parse-job.ts";
import { brightnessModel, repeatingModel } from "../runtime/testing/tiny-annotator.ts";
import { parseRenderArguments } from "./arguments.ts";
import { type BatchEvent, runBatch } from "./batch.ts";
import { parseBatchArguments } from "./batch-arguments.ts";
import { render } from "./render.ts";

const SMALL = ["--width", "64", "--height", "64", "--frames", "2", "--steps", "1", "--cfg", "1", "--threads", "1", "--no-cache"];
const STAR = ["--prompt", "a star", "--seed", "1"];
const signal = new AbortController().signal;
let folder: string;
const at = (name: string) => join(folder, name);
const larger = () => ["--upscale", at("twice.onnx"), "--interpolate", "2"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-size-"));
  await writeFile(at("twice.onnx"), repeatingModel(32, 2));
  await writeFile(at("depth.onnx"), brightnessModel(32, 32));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function batch(args: readonly string[]): Promise<BatchEvent[]> {
  const events: BatchEvent[] = [];
  await runBatch(parseBatchArguments([...args, ...SMALL, "--out", folder]), signal, (event) => events.push(event));
  return events;
}

it("--upscale and --interpolate make of a batch's clips what they make of a render's, also from a job", async () => {
  const alone = at("alone.apng");
  await render(parseRenderArguments([...STAR, ...SMALL, ...larger(), "--out", alone]), signal, () => undefined);
  const { width, height, frames } = decodePng(new Uint8Array(await readFile(alone)));
  expect([width, height, [...frames].length]).toEqual([128, 128, 3]);
  await batch([...STAR, ...larger(), "--grid", "seed=1", "--name", "line.apng"]);
  const job = { prompt: "a star", seed: 1, upscale: at("twice.onnx"), interpolate: 2 };
  const jobs = [job, { ...job, upscale: null }, { ...job, interpolate: 1 }, { ...job, upscale: { id: "realesr-animevideov3" } }];
  await writeFile(at("jobs.jsonl"), jobs.map((each) => JSON.stringify(each)).join("\n"));
  const events = await batch([at("jobs.jsonl"), "--name", "job-{index}.apng"]);
  expect(events).toContainEqual(expect.objectContaining({ event: "skipped", job: 1, file: "line.apng" }));
  const sizes = [];
  for (const name of ["line", "job-2", "job-3", "job-4"]) {
    const clip = decodePng(new Uint8Array(await readFile(at(`${name}.apng`))));
    sizes.push([name, clip.width, [...clip.frames].length]);
  }
  expect(sizes).toEqual([
    ["line", 128, 3],
    ["job-2", 64, 3],
    ["job-3", 128, 2],
    ["job-4", 256, 3],
  ]);
  const drawn = await readFile(alone);
  expect(drawn.equals(await readFile(at("line.apng")))).toBe(true);
}, 60_000);

it("a batch takes the model that ships by its name", async () => {
  await batch([...STAR, "--upscale", "realesr-animevideov3", "--grid", "seed=1", "--name", "shipped.apng"]);
  expect(decodePng(new Uint8Array(await readFile(at("shipped.apng")))).width).toBe(256);
}, 60_000);

it("the sheet of a grid plays as fast as its clips", async () => {
  await batch([...STAR, "--fps", "5", "--interpolate", "2", "--grid", "cfg=1,2", "--sheet", at("sheet.apng"), "--name", "{cfg}"]);
  const sheet = decodePng(new Uint8Array(await readFile(at("sheet.apng"))));
  expect([...sheet.frames]).toHaveLength(3);
  expect(fpsOf(await readFile(at("sheet.apng")))).toBe(10);
  const several = [...STAR, "--grid", "interpolate=1,2", "--sheet", at("sheet.apng")];
  await expect(batch(several)).rejects.toThrow("A sheet plays at one rate; --grid interpolate does not suit it.");
}, 60_000);

it("what cannot be done is refused in a sentence: a missing file before any clip, a file of another kind before its own", async () => {
  const star = [...STAR, "--grid", "seed=2", "--name", "{seed}"];
  await expect(batch([...star, "--upscale", at("none.onnx")])).rejects.toThrow("none.onnx could not be opened.");
  await expect(batch([...star, "--interpolate", "3"])).rejects.toThrow('--interpolate takes 2, 4; it is "3".');
  const events = await batch([...star, "--upscale", at("depth.onnx")]);
  expect(events.filter(({ event }) => event === "progress")).toEqual([]);
  const message = expect.stringContaining("not a picture two to four times as large");
  expect(events).toContainEqual(expect.objectContaining({ event: "failed", error: expect.objectContaining({ message }) }));
}, 60_000);

it("a farm's job names its super-resolution model among its files", () => {
  expect(idsOf(parseJob({ prompt: "x", upscale: { id: "0a" } }))).toContain("0a");
});

/** The rate of the first frame: its control chunk says how long it is shown. */
function fpsOf(apng: Buffer): number {
  const at = apng.indexOf("fcTL") + 4;
  return apng.readUInt16BE(at + 22) / apng.readUInt16BE(at + 20);
}
