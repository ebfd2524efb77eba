/** The clips of a grid as one labelled animation (`zoetrope batch --grid … --sheet FILE`). */

import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import { type Axis, axisLabels } from "../jobs/grid.ts";
import { sheetFrame, sheetLayout } from "../media/grid-sheet.ts";
import type { BatchArguments } from "./batch-arguments.ts";
import { checkFrames, outputFormat, writeClip } from "./output.ts";
import { picturesOf, readPicture } from "./pictures.ts";

/**
 * Refuses before anything is made.
 * @throws ZoetropeError `job/sheet`
 */
export function checkSheet({ sheet, grid }: Pick<BatchArguments, "sheet" | "grid">, jobs: number): void {
  if (sheet === null) return;
  outputFormat(sheet);
  const cells = grid.reduce((product, { values }) => product * values.length, 1);
  if (grid.length < 1 || grid.length > 2)
    refuse(`A sheet has one or two axes; there are ${grid.length}.`, "Give --grid once or twice.");
  if (cells !== jobs) refuse(`A sheet is of one job; the lists hold ${jobs / cells}.`, "Name a list of one job, or none.");
}

/**
 * The first axis goes across, the second down. Shorter clips begin again until the longest has ended.
 * @param files the clips in the order of the grid
 * @throws ZoetropeError `job/sheet` where cells differ in size
 */
export async function writeSheet(
  { sheet, grid, out }: Pick<BatchArguments, "sheet" | "grid" | "out">,
  files: readonly string[],
  fps: number = defaultSettings().fps,
): Promise<void> {
  if (sheet === null) return;
  const [across, down] = grid as readonly [Axis, Axis?];
  const labels = { columns: axisLabels(across), rows: down === undefined ? [""] : axisLabels(down) };
  const paths = files.map((file) => join(out, file));
  const cell = await readPicture(paths[0]!);
  const clips = await Promise.all(paths.map((path) => readCell(path, cell, fps)));
  const length = Math.max(...clips.map((clip) => clip.length));
  const frames = Array.from({ length }, (_, frame) =>
    sheetFrame(labels, cell, (column, row) => {
      const clip = clips[column * labels.rows.length + row]!;
      return clip[frame % clip.length]!;
    }),
  );
  const { width, height } = sheetLayout(labels, cell);
  const format = outputFormat(sheet);
  checkFrames(sheet, format, length);
  await writeClip({ width, height, fps, frames, settings: "" }, sheet, format);
}

async function readCell(path: string, cell: { readonly width: number; readonly height: number }, fps: number) {
  const area = cell.width * cell.height;
  const pictures: Uint8ClampedArray<ArrayBuffer>[] = [];
  for await (const { width, height, pixels } of picturesOf(path, fps)) {
    if (width !== cell.width || height !== cell.height)
      refuse(
        `${path} is ${width}×${height}, and the first clip ${cell.width}×${cell.height}.`,
        "The clips of a sheet have one size.",
      );
    pictures.push(
      Uint8ClampedArray.from({ length: 4 * area }, (_, i) => (i % 4 === 3 ? 255 : 255 * pixels[(i % 4) * area + (i >> 2)]!)),
    );
  }
  return pictures;
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/sheet", { message, hint });
}
