import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodePng } from "../formats/png/reader.ts";
import { sheetLayout } from "../media/grid-sheet.ts";
import { parseRenderArguments } from "./arguments.ts";
import { type BatchEvent, runBatch } from "./batch.ts";
import { parseBatchArguments } from "./batch-arguments.ts";
import { readJobs } from "./batch-jobs.ts";
import { MANIFEST } from "./batch-manifest.ts";
import { render } from "./render.ts";

const SMALL = ["--width", "64", "--height", "64", "--frames", "2", "--steps", "1", "--cfg", "1", "--threads", "1", "--no-cache"];
let folder: string;
const out = () => join(folder, "out");
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-batch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function batch(
  args: readonly string[],
  signal = new AbortController().signal,
  see: (event: BatchEvent) => void = () => undefined,
) {
  const events: BatchEvent[] = [];
  const summary = await runBatch(parseBatchArguments([...args, ...SMALL, "--out", out()]), signal, (event) => {
    events.push(event);
    see(event);
  });
  return { summary, events, made: events.flatMap((each) => (each.event === "made" ? [each.job] : [])) };
}

async function jobList(...jobs: readonly object[]): Promise<string> {
  const path = join(folder, "jobs.jsonl");
  await writeFile(path, jobs.map((job) => JSON.stringify(job)).join("\n"));
  return path;
}

const clips = async () => (await readdir(out())).filter((name) => name !== MANIFEST).sort();

it("a list's clips equal single renders, whatever was rendered between them; a second run makes nothing", async () => {
  const loras = (id: string, weight: number) => [{ id, weight }];
  const list = await jobList(
    { prompt: "a red heart", seed: 1, loras: loras("mini-lora-neon", 1) },
    { prompt: "a red heart", seed: 1 },
    { prompt: "a red heart", seed: 1, loras: loras("mini-lora-flat", 1) },
    { prompt: "a red heart", seed: 1, loras: loras("mini-lora-neon", 0.5) },
  );
  const first = await batch([list]);
  expect(first.summary).toEqual({ made: 4, skipped: 0, failed: 0, left: 0 });
  const lora = (name: string) => ["--lora", `public/models/mini/loras/${name}`];
  const alone = async (...more: string[]) => {
    const path = join(folder, "alone.gif");
    const args = parseRenderArguments(["--prompt", "a red heart", "--seed", "1", "--out", path, ...SMALL, ...more]);
    await render(args, new AbortController().signal, () => undefined);
    return readFile(path);
  };
  const [withNeon, plain, withFlat, halfNeon] = await Promise.all((await clips()).map((name) => readFile(join(out(), name))));
  expect(plain!.equals(await alone())).toBe(true);
  expect(withNeon!.equals(await alone(...lora("neon.safetensors")))).toBe(true);
  expect(halfNeon!.equals(await alone(...lora("neon.safetensors:0.5")))).toBe(true);
  expect(withFlat!.equals(await alone(...lora("flat.safetensors")))).toBe(true);
  expect(withNeon!.equals(withFlat!)).toBe(false);

  const times = async () => Promise.all((await clips()).map(async (name) => (await stat(join(out(), name))).mtimeMs));
  const before = await times();
  const second = await batch([list]);
  expect(second.summary).toEqual({ made: 0, skipped: 4, failed: 0, left: 0 });
  expect(await times()).toEqual(before);
});

it("a stopped batch leaves nothing half, says what is left, and goes on", async () => {
  const stop = new AbortController();
  const grid = ["--prompt", "a blue star", "--grid", "seed=1..3", "--name", "{seed}.gif"];
  const stopped = await batch(grid, stop.signal, (event) => {
    if (event.event === "progress" && event.job === 2 && event.phase === "denoise") stop.abort();
  });
  expect(stopped.summary).toEqual({ made: 1, skipped: 0, failed: 0, left: 2 });
  expect(await clips()).toEqual(["1.gif"]);
  const resumed = await batch(grid);
  expect(resumed.summary).toEqual({ made: 2, skipped: 1, failed: 0, left: 0 });
  expect(await clips()).toEqual(["1.gif", "2.gif", "3.gif"]);
});

it("one clip that is asked for twice is made once, and a failed one does not stop the others", async () => {
  const list = await jobList(
    { prompt: "a star", seed: 1 },
    { prompt: "a star", seed: 2, promptAt: [{ frame: 9, text: "beyond the end" }] },
    { prompt: "a star", seed: 1, name: "again" },
  );
  const { summary, events } = await batch([list]);
  expect(summary).toEqual({ made: 1, skipped: 1, failed: 1, left: 0 });
  expect(events).toContainEqual(expect.objectContaining({ event: "skipped", job: 3, file: "1-1-a-star.gif" }));
  expect(events).toContainEqual(
    expect.objectContaining({ event: "failed", job: 2, error: expect.objectContaining({ code: "settings/prompt-at" }) }),
  );
});

it("a clip never replaces another one's file, nor a person's", async () => {
  await mkdir(out());
  await writeFile(join(out(), "1.gif"), "mine");
  const { made } = await batch(["--prompt", "a star", "--grid", "seed=1", "--name", "{seed}.gif"]);
  expect(made).toEqual([1]);
  expect(await readFile(join(out(), "1.gif"), "utf8")).toBe("mine");
  expect(await clips()).toEqual([expect.stringMatching(/^1-[0-9a-f]{8}\.gif$/), "1.gif"]);
  // A line that a power cut has torn is passed over.
  await appendFile(join(out(), MANIFEST), '{"hash":"');
  expect((await batch(["--prompt", "a star", "--grid", "seed=1", "--name", "{seed}.gif"])).summary.made).toBe(0);
});

it("frames go into a folder each", async () => {
  const grid = ["--prompt", "a star", "--grid", "seed=1", "--name", "{seed}"];
  expect((await batch(grid)).summary.made).toBe(1);
  expect(await readdir(join(out(), "1"))).toEqual(["0000.png", "0001.png"]);
  expect((await batch(grid)).summary.skipped).toBe(1);
  await rm(join(out(), "1", "0001.png"));
  expect((await batch(grid)).summary.made).toBe(1);
  expect(await readdir(join(out(), "1"))).toHaveLength(2);
});

it.each([
  [[], "Name a list of jobs"],
  [["jobs.csv"], "jobs.csv could not be opened."],
  [["--grid", "seed=1,2"], '"prompt" is missing.'],
  [["--prompt", "x", "--grid", "steps=1,0"], "steps=0: Steps must be a whole number from 1 to 1000; it is 0."],
  [["--prompt", "x", "--grid", "checkpoint=nowhere.ckpt"], "nowhere.ckpt could not be opened."],
  [["--prompt", "x", "--grid", "seed=1,2", "--name", "{prompt}.gif"], "Jobs 1 and 2 would both be named x.gif."],
  [["--prompt", "x", "--grid", "seed=1,2", "--name", "{seed}.mp4"], "does not write MP4 files"],
])("%j is refused before anything is made", async (args, message) => {
  await expect((async () => batch(args))()).rejects.toThrow(message);
  await expect(clips()).rejects.toThrow();
});

it("a job overrules the command line, and the command line the files of other tools", async () => {
  const travel = join(folder, "travel.json");
  await writeFile(
    travel,
    JSON.stringify({
      path: "gone.ckpt",
      prompt_map: { "0": "a fish" },
      n_prompt: [],
      seed: [5],
      stylize_config: { enable: true },
    }),
  );
  const text = join(folder, "clip.txt");
  await writeFile(
    text,
    "a bird <lora:neon:0.5>\nSteps: 7, Sampler: DDIM, CFG scale: 2, Seed: 9, Size: 64x64, Model: Mini, Hires upscale: 2",
  );
  const list = await jobList({ prompt: "a star", cfg: 3, steps: 9 });
  const args = parseBatchArguments([list, travel, text, "--steps", "2", "--checkpoint", "public/models/mini"]);
  const [star, fish, bird] = await readJobs(args);
  expect(star!.job.settings).toMatchObject({ steps: 9, cfgScale: 3 });
  expect(fish!.job).toMatchObject({
    checkpoint: { path: "public/models/mini" },
    settings: { prompt: "a fish", steps: 2, seed: 5 },
  });
  expect(fish!.notices).toEqual(['Not used: "stylize_config".']);
  expect(bird!.job).toMatchObject({
    loras: [{ id: "mini-lora-neon", weight: 0.5 }],
    settings: { steps: 2, cfgScale: 2, seed: 9 },
  });
  expect(bird!.notices).toEqual(["Not used: Hires upscale."]);
});

it("a grid's clips become one labelled sheet, and a sheet of what has no grid is refused before anything is made", async () => {
  const sheet = join(folder, "sheet.apng");
  const grid = ["--prompt", "a star", "--seed", "1", "--grid", "cfg=1,4", "--grid", "lora:neon=0,1", "--name", "{index}"];
  const { events } = await batch([...grid, "--sheet", sheet]);
  expect(events).toContainEqual({ event: "sheet", file: sheet });
  const { width, height, frames } = decodePng(new Uint8Array(await readFile(sheet)));
  const layout = sheetLayout({ columns: ["CFG 1", "CFG 4"], rows: ["neon 0", "neon 1"] }, { width: 64, height: 64 });
  expect([width, height]).toEqual([layout.width, layout.height]);
  const [first] = [...frames];
  const at = (x: number, y: number) => first![4 * (y * width + x)]!;
  const inCell = (column: number, row: number) => at(layout.left + 68 * column + 32, layout.top + 68 * row + 32);
  const png = decodePng(new Uint8Array(await readFile(join(out(), "4", "0000.png"))));
  expect(inCell(1, 1)).toBe([...png.frames][0]![4 * (32 * 64 + 32)]);
  await expect(
    batch(["--prompt", "a", "--grid", "seed=1", "--grid", "cfg=1", "--grid", "steps=1", "--sheet", sheet]),
  ).rejects.toThrow("A sheet has one or two axes; there are 3.");
});
