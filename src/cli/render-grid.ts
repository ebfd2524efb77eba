/** `zoetrope render --grid`: a clip of every combination of one or two settings' values, and all of them as one labelled animation. */

import { defaultSettings } from "../core/settings/render-settings.ts";
import { expandGrid } from "../jobs/grid.ts";
import { at, parseJob } from "../jobs/parse-job.ts";
import { SESSION_BUDGET_BYTES } from "../runtime/engine/engine.ts";
import type { RenderArguments } from "./arguments.ts";
import type { GridArguments } from "./grid-arguments.ts";
import { loraByName, renderArguments, withLorasOf } from "./job-arguments.ts";
import { outputFormat, writeClip } from "./output.ts";
import { makeClip, type RenderProgress, type RenderReport } from "./render.ts";
import { RenderTools } from "./render-tools.ts";
import { checkEnlargements, type SheetCell, sheetClip } from "./sheet.ts";

/** Printed by `--json`. */
export interface GridReport {
  readonly out: string;
  /** In the order of the grid: the first axis changes slowest. */
  readonly cells: readonly (Pick<RenderReport, "settings" | "timingsMs"> & { readonly at: string })[];
  /** Each once, whichever cells it is about. */
  readonly notices: readonly string[];
}

/**
 * @param log receives progress, one line at a time
 * @throws ZoetropeError before anything is made, when a cell's settings are wrong
 */
export async function renderGrid(args: GridArguments, signal: AbortSignal, log: (line: string) => void): Promise<GridReport> {
  outputFormat(args.out);
  const cells = await cellsOf(args);
  const notices = new Set<string>();
  const made: SheetCell[] = [];
  const reports: GridReport["cells"][number][] = [];
  let { fps } = defaultSettings();
  const tools = new RenderTools(args, Math.max(SESSION_BUDGET_BYTES, process.availableMemory() / 2));
  try {
    await checkUpscalers(cells, tools);
    for (const [i, { place, cell }] of cells.entries()) {
      log(`${i + 1} of ${cells.length}: ${place}`);
      const report = (event: RenderProgress) => {
        if (event.type === "progress" && event.phase === "denoise" && event.done > 0) log(`step ${event.done} of ${event.total}`);
        if (event.type !== "notice" || notices.has(event.message)) return;
        notices.add(event.message);
        log(event.message);
      };
      const { clip, report: own } = await makeClip(tools, cell, signal, report);
      made.push({ name: place, ...clip });
      reports.push({ at: place, settings: own.settings, timingsMs: own.timingsMs });
      fps = clip.fps;
    }
  } finally {
    await tools.dispose();
  }
  await writeClip(sheetClip(args.axes, made, fps), args.out, outputFormat(args.out));
  return { out: args.out, cells: reports, notices: [...notices] };
}

/** Refuses before anything is drawn what the sheet would refuse at its end. @throws ZoetropeError `job/sheet`, `upscaler/…` */
async function checkUpscalers(cells: readonly PlannedCell[], tools: RenderTools): Promise<void> {
  const factors = cells.map(({ cell: { upscale } }) =>
    upscale === null ? 1 : tools.upscaler(upscale).then(({ factor }) => factor),
  );
  checkEnlargements(
    cells.map(({ place }) => place),
    await Promise.all(factors),
  );
}

interface PlannedCell {
  /** Its values of the grid's settings. */
  readonly place: string;
  readonly cell: RenderArguments;
}

/** All of them are read before the first is made. */
async function cellsOf(args: GridArguments): Promise<PlannedCell[]> {
  const { shared, axes, loraDir, backend, threads, cache, out, json, speed } = args;
  const cells = expandGrid([shared], axes, (name) => loraByName(loraDir, name));
  const run = { backend, threads, cache, out, json, dump: null };
  return Promise.all(
    cells.map(async ({ json: written, at: place }) => {
      const job = withLorasOf(
        loraDir,
        at(place, () => parseJob(written)),
      );
      return { place, cell: { ...(await renderArguments(job, run)), speed } };
    }),
  );
}
