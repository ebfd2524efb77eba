/** Exports the clip on the stage, as it plays, into a file that contains its settings. */

import { bytesWords } from "../../core/amounts.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { ExportFormat } from "../../media/export/options.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { exportClip } from "./export-clip.ts";
import { type ExportJob, exportJob } from "./export-job.ts";
import { formatWords } from "./formats.ts";
import { upscaledJob } from "./upscale-frames.ts";

/** Its share of the time of an export. */
const UPSCALING = 0.9;

/** Long enough for the browser to read the file, even if it asks the person for a folder first. */
const revokeAfterMs = 60_000;

/**
 * Resolves when the browser has the download, the export was cancelled, or the person was told about a failure.
 * @param onLink copies the link that brings back the clip's settings
 */
export async function saveClip(
  store: StudioStore,
  engine: EngineClient,
  format: ExportFormat,
  signal: AbortSignal,
  onLink: () => void,
): Promise<void> {
  const job = exportJob(store.getState(), format);
  if (job === null) return;
  const file = await fileOf(store, engine, job, signal);
  if (file === null) return;
  download(file);
  const { width, height, scale } = job.options;
  const size = `${width * scale} × ${height * scale}, ${bytesWords(file.size)}`;
  store.getState().announce(`${formatWords[format].name} saved, ${bytesWords(file.size)}`);
  store.getState().tell("done", { message: `${file.name} is saved:`, hint: `${size}.` }, { label: "Copy link", run: onLink });
}

/** Encodes the file and shows the progress. null: another export is running, it was cancelled, or the person was told about a failure. */
export async function fileOf(
  store: StudioStore,
  engine: EngineClient,
  job: ExportJob,
  signal: AbortSignal,
): Promise<File | null> {
  const state = store.getState();
  if (state.exportProgress !== null) return null;
  state.setExportProgress(0);
  state.announce("Exporting");
  try {
    const { upscaler } = job;
    const show = state.setExportProgress;
    const drawn =
      upscaler === undefined ? job : await upscaledJob({ ...job, upscaler }, engine, (share) => show(UPSCALING * share), signal);
    const before = upscaler === undefined ? 0 : UPSCALING;
    const blob = await exportClip(drawn.frames, drawn.options, (share) => show(before + (1 - before) * share), signal);
    return new File([blob], job.name, { type: blob.type });
  } catch (thrown) {
    if (!signal.aborted) store.getState().tell("error", ZoetropeError.from(thrown));
    return null;
  } finally {
    store.getState().setExportProgress(null);
  }
}

export function download(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs);
}
