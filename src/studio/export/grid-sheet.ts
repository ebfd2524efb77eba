/** A grid of finished animations as one file: a GIF of the labelled sheet. */
import { ZoetropeError } from "../../core/errors.ts";
import { fileName } from "../../media/file-name.ts";
import { sheetFrames, sheetLayout } from "../../media/grid-sheet.ts";
import type { EngineClient } from "../engine/client.ts";
import { finalFrames } from "../store/clip.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { fileChoice } from "./export-job.ts";
import { playbackFps } from "./playback-fps.ts";
import { download, fileOf } from "./run-export.ts";

/** Resolves when the browser has the download, or the person was told what is missing. */
export async function saveGrid(store: StudioStore, engine: EngineClient, signal: AbortSignal): Promise<void> {
  const state = store.getState();
  const { grid, recentClips } = state;
  if (grid === null) return;
  const clips = grid.ids.map((id) => recentClips.find((clip) => clip.id === id));
  const cells = clips.map((clip) => (clip === undefined ? null : finalFrames(clip)));
  const [first] = cells;
  const cell = first?.[0];
  const complete = cells.filter((frames) => frames !== null);
  const known = clips[0];
  if (cell === undefined || known === undefined || complete.length < cells.length)
    return state.tell("notice", { message: "Some cells of the grid are not finished yet.", hint: "Save it when they are." });
  if (complete.some(([picture]) => picture!.width !== cell.width || picture!.height !== cell.height))
    return state.tell(
      "error",
      new ZoetropeError("job/sheet", { message: "The cells of the grid differ in size, so that they make no sheet." }),
    );
  const { labels } = grid;
  const { width, height } = sheetLayout(labels, cell);
  const pictures = complete.map((own) => own.map(({ data }) => data as Uint8ClampedArray<ArrayBuffer>));
  const sheet = sheetFrames(labels, cell, (column, row) => pictures[row * labels.columns.length + column]!);
  const frames = sheet.map((pixels) => new ImageData(pixels, width, height));
  const { settings } = known.request;
  const name = fileName(`${settings.prompt} grid`, settings.seed, ".gif");
  const options = {
    ...{ width, height, frameCount: frames.length, scale: 1, settings: "" },
    fps: playbackFps(state),
    file: fileChoice(state.exportOptions, "gif", settings.prompt, name),
  };
  const file = await fileOf(store, engine, { frames, name, options }, signal);
  if (file !== null) download(file);
}
