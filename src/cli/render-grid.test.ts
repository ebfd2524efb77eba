import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodePng } from "../formats/png/reader.ts";
import { sheetLayout } from "../media/grid-sheet.ts";
import { brightnessModel, repeatingModel } from "../runtime/testing/tiny-annotator.ts";
import { parseRenderArguments } from "./arguments.ts";
import { parseGridArguments } from "./grid-arguments.ts";
import { render } from "./render.ts";
import { renderGrid } from "./render-grid.ts";

const PROMPT = ["--prompt", "a star", "--seed", "1"];
const SMALL = ["--width", "64", "--height", "64", "--frames", "2", "--steps", "1", "--threads", "1", "--no-cache"];
const CELL = { width: 64, height: 64 };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-grid-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const grid = (...args: string[]) => parseGridArguments([...PROMPT, ...SMALL, "--out", join(folder, "grid.apng"), ...args]);

async function pictures(path: string) {
  const { width, height, frames } = decodePng(new Uint8Array(await readFile(path)));
  return { width, height, frames: [...frames] };
}

it("a grid's cells are the clips that single renders make, each below and beside its labels", async () => {
  const lines: string[] = [];
  const report = await renderGrid(grid("--grid", "cfg=1,4", "--grid", "lora:neon=0,1")!, signal, (line) => lines.push(line));
  expect(report.cells.map(({ at, settings }) => [at, settings.cfgScale])).toEqual([
    ["cfgScale=1 lora:neon=0", 1],
    ["cfgScale=1 lora:neon=1", 1],
    ["cfgScale=4 lora:neon=0", 4],
    ["cfgScale=4 lora:neon=1", 4],
  ]);
  expect(lines).toContain("4 of 4: cfgScale=4 lora:neon=1");
  const layout = sheetLayout({ columns: ["CFG 1", "CFG 4"], rows: ["neon 0", "neon 1"] }, CELL);
  const sheet = await pictures(report.out);
  expect([sheet.width, sheet.height, sheet.frames.length]).toEqual([layout.width, layout.height, 2]);
  const alone = join(folder, "alone.apng");
  const args = [...PROMPT, ...SMALL, "--cfg", "4", "--lora", "public/models/mini/loras/neon.safetensors", "--out", alone];
  await render(parseRenderArguments(args), signal, () => undefined);
  const last = (await pictures(alone)).frames[1]!;
  const [left, top] = [layout.left + 68, layout.top + 68];
  const inSheet = Array.from({ length: 64 }, (_, y) => {
    const start = 4 * ((top + y) * sheet.width + left);
    return [...sheet.frames[1]!.slice(start, start + 4 * 64)];
  });
  expect(inSheet.flat()).toEqual([...last]);
});

it("super-resolution models that enlarge differently are refused before anything is drawn, and so is a file of another kind", async () => {
  const lines: string[] = [];
  const made = async (...models: Uint8Array[]) => {
    const paths = models.map((_, i) => join(folder, `${i}.onnx`));
    for (const [i, model] of models.entries()) await writeFile(paths[i]!, model);
    return renderGrid(grid("--grid", `upscale=${paths.join()}`)!, signal, (line) => lines.push(line));
  };
  await expect(made(repeatingModel(32, 2), repeatingModel(32, 3))).rejects.toThrow(
    "1.onnx is enlarged 3 times, and the first clip 2 times.",
  );
  await expect(made(repeatingModel(32, 2), brightnessModel(32, 32))).rejects.toThrow("not a picture two to four times as large");
  expect(lines).toEqual([]);
  const { width } = await pictures((await made(repeatingModel(32, 2), repeatingModel(32, 2))).out);
  expect(width).toBeGreaterThan(2 * 128);
});

it("no --grid is a usual render", () => {
  expect(grid()).toBeNull();
});

it.each([
  [["--grid", "stpes=1"], 'there is no setting "stpes"'],
  [["--grid", "cfg=1", "--grid", "cfg=2"], 'Two --grid options change "cfgScale".'],
  [["--grid", "cfg=1", "--grid", "steps=1", "--grid", "seed=1"], "A sheet has one or two axes; there are 3."],
  [["--grid", "width=64,128"], "The clips of a sheet have one size; --grid width does not suit it."],
  [["--grid", "fps=8,12"], "A sheet plays at one rate; --grid fps does not suit it."],
  [["--grid", "cfg=1,2", "--dump", "d.safetensors"], "--dump keeps the tensors of one clip"],
  [["--grid", "steps=1,0"], "steps=0: Steps must be a whole number"],
  [["--grid", "cfg=1,2", "--out", "sheet.mp4"], "does not write MP4 files"],
  [["--grid", "cfg=1,2", "--out", "sheet.png"], "a PNG holds one picture"],
])("%j is refused before anything is made", async (args, message) => {
  await expect((async () => renderGrid(grid(...args)!, signal, () => undefined))()).rejects.toThrow(message);
});
