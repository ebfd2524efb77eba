/** Batches whose ControlNets see what a model draws. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { framePng } from "../media/png/frame-png.ts";
import { kitBytes } from "../runtime/testing/parity-kit.ts";
import { brightnessModel } from "../runtime/testing/tiny-annotator.ts";
import { simccModel } from "../runtime/testing/tiny-pose.ts";
import { parseRenderArguments } from "./arguments.ts";
import { type BatchEvent, runBatch } from "./batch.ts";
import { parseBatchArguments } from "./batch-arguments.ts";
import { render } from "./render.ts";

const SIDE = 64;
const OPTIONS = [
  "--prompt",
  "x",
  "--seed",
  "3",
  "--width",
  "64",
  "--height",
  "64",
  "--frames",
  "2",
  "--steps",
  "2",
  "--threads",
  "1",
];
const signal = new AbortController().signal;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-drawn-"));
  for (const name of ["tiny-sd15", "controlnet"])
    await writeFile(at(`${name}.safetensors`), kitBytes(`models/${name}.safetensors`));
  await writeFile(at("depth.onnx"), brightnessModel(32, 32));
  await writeFile(at("pose.onnx"), simccModel(32, 32));
  const disc = Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_, i) => {
    const [x, y] = [(i >> 2) % SIDE, Math.floor(i / 4 / SIDE)];
    return i % 4 === 3 ? 255 : Math.hypot(x - 24, y - 32) < 14 ? 220 : 40;
  });
  await writeFile(at("disc.png"), framePng({ width: SIDE, height: SIDE, data: disc }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const models = () => ["--checkpoint", at("tiny-sd15.safetensors"), "--no-cache"];
const controlled = (pre: string) => [
  "--controlnet",
  `${at("controlnet.safetensors")}:pre=${pre}`,
  "--control-image",
  at("disc.png"),
];

async function alone(pre: string): Promise<Buffer> {
  const out = at("alone.apng");
  await render(parseRenderArguments([...OPTIONS, ...models(), ...controlled(pre), "--out", out]), signal, () => undefined);
  return readFile(out);
}

it.each(["depth.onnx", "pose.onnx"])(
  "a batch runs %s, named on its command line or in a job, as a render does",
  async (model) => {
    const stem = model.replace(".onnx", "");
    const net = { path: at("controlnet.safetensors"), pictures: at("disc.png") };
    const job = { controlNets: [{ ...net, preprocessor: at(model) }] };
    await writeFile(at("jobs.jsonl"), `${JSON.stringify(job)}\n`);
    const made: string[] = [];
    const see = (event: BatchEvent) => event.event === "made" && made.push(event.file);
    const run = (more: readonly string[], name: string) =>
      runBatch(parseBatchArguments([...more, ...OPTIONS, ...models(), "--name", name, "--out", folder]), signal, see);
    await run([...controlled(at(model)), "--grid", "seed=3"], `${stem}-line.apng`);
    await run([at("jobs.jsonl")], `${stem}-job.apng`);
    const drawn = await alone(at(model));
    expect(made).toEqual([`${stem}-line.apng`]);
    expect(drawn.equals(await readFile(at(`${stem}-line.apng`)))).toBe(true);
    expect(drawn.equals(await alone("none"))).toBe(false);
  },
);
