/** The clips of a grid as one labelled animation (`zoetrope render --grid …`, `zoetrope batch --grid … --sheet FILE`). */

import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import { type Axis, axisLabels } from "../jobs/grid.ts";
import type { Job } from "../jobs/job.ts";
import type { Pixels } from "../media/export/clip-encoder.ts";
import { sheetFrames, sheetLayout } from "../media/grid-sheet.ts";
import type { BatchArguments } from "./batch-arguments.ts";
import { type Clip, checkFrames, outputFormat, writeClip } from "./output.ts";
import { picturesOf } from "./pictures.ts";

/** One cell of a sheet, by the name that messages call it. */
export interface SheetCell {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly frames: readonly Pixels[];
}

/** Settings that the cells of a sheet share, and why. */
const SHARED: Readonly<Record<string, string>> = {
  width: "The clips of a sheet have one size",
  height: "The clips of a sheet have one size",
  fps: "A sheet plays at one rate",
  interpolate: "A sheet plays at one rate",
  name: "A name changes nothing in a clip",
};

/**
 * Refuses before anything is made.
 * @throws ZoetropeError `job/sheet`
 */
export function checkSheet({ sheet, grid }: Pick<BatchArguments, "sheet" | "grid">, jobs: number): void {
  if (sheet === null) return;
  outputFormat(sheet);
  checkSheetAxes(grid);
  const cells = grid.reduce((product, { values }) => product * values.length, 1);
  if (cells !== jobs) refuse(`A sheet is of one job; the lists hold ${jobs / cells}.`, "Name a list of one job, or none.");
}

/** @throws ZoetropeError `job/sheet` */
export function checkSheetAxes(grid: readonly Axis[]): void {
  if (grid.length < 1 || grid.length > 2)
    refuse(`A sheet has one or two axes; there are ${grid.length}.`, "Give --grid once or twice.");
  for (const { key } of grid)
    if (SHARED[key] !== undefined)
      refuse(`${SHARED[key]}; --grid ${key} does not suit it.`, "Try out another setting, such as --grid cfg=3,5,7.");
}

/**
 * Refuses clips that super-resolution models would enlarge differently.
 * @param names what messages call the clips
 * @throws ZoetropeError `job/sheet`
 */
export function checkEnlargements(names: readonly string[], factors: readonly number[]): void {
  const other = factors.findIndex((factor) => factor !== factors[0]);
  if (other < 0) return;
  refuse(
    `${names[other]} is enlarged ${factors[other]} times, and the first clip ${factors[0]} times.`,
    "The clips of a sheet have one size.",
  );
}

/**
 * The first axis goes across, the second down.
 * @param cells in the order of the grid
 * @throws ZoetropeError `job/sheet` where cells differ in size
 */
export function sheetClip(grid: readonly Axis[], cells: readonly SheetCell[], fps: number): Clip {
  const [across, down] = grid as readonly [Axis, Axis?];
  const labels = { columns: axisLabels(across), rows: down === undefined ? [""] : axisLabels(down) };
  const first = cells[0]!;
  for (const { name, width, height } of cells)
    if (width !== first.width || height !== first.height)
      refuse(
        `${name} is ${width}×${height}, and the first clip ${first.width}×${first.height}.`,
        "The clips of a sheet have one size.",
      );
  const { width, height } = sheetLayout(labels, first);
  const frames = sheetFrames(labels, first, (column, row) => cells[column * labels.rows.length + row]!.frames);
  return { width, height, fps, frames, settings: "" };
}

/**
 * @param files the clips in the order of the grid
 * @param job one of the grid's; all of them play at one rate
 */
export async function writeSheet(
  { sheet, grid, out }: Pick<BatchArguments, "sheet" | "grid" | "out">,
  files: readonly string[],
  { settings, interpolate }: Job,
): Promise<void> {
  if (sheet === null) return;
  const fps = interpolate * (settings.fps ?? defaultSettings().fps);
  const cells = await Promise.all(files.map((file) => readCell(join(out, file), fps)));
  const clip = sheetClip(grid, cells, fps);
  const format = outputFormat(sheet);
  checkFrames(sheet, format, clip.frames.length);
  await writeClip(clip, sheet, format);
}

async function readCell(path: string, fps: number): Promise<SheetCell> {
  const frames: Pixels[] = [];
  let size = { width: 0, height: 0 };
  for await (const { width, height, pixels } of picturesOf(path, fps)) {
    const area = width * height;
    size = { width, height };
    frames.push(
      Uint8ClampedArray.from({ length: 4 * area }, (_, i) => (i % 4 === 3 ? 255 : 255 * pixels[(i % 4) * area + (i >> 2)]!)),
    );
  }
  return { name: path, ...size, frames };
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/sheet", { message, hint });
}
