/** Describes the export of the clip on the stage: its frames, options and file name. */
import { type Smoothness, smoothCount } from "../../core/interpolate/smooth-frames.ts";
import type { ExportFormat, FileChoice, ExportOptions as WorkerOptions } from "../../media/export/options.ts";
import { fileName } from "../../media/file-name.ts";
import type { GifMethod } from "../../media/gif/gif-clip-encoder.ts";
import { sheetGrid } from "../../media/png/sheet-grid.ts";
import { settingsText } from "../../media/settings-text.ts";
import { exportedPictures } from "../store/clip.ts";
import type { ExportOptions } from "../store/export.ts";
import { titleOf } from "../store/history.ts";
import { playOrder, playRange, trimOf } from "../store/player.ts";
import type { StudioState } from "../store/studio-store.ts";
import { playbackFps } from "./playback-fps.ts";
import { scaleOf } from "./scale.ts";

export interface ExportJob {
  readonly frames: readonly ImageData[];
  readonly options: WorkerOptions;
  readonly name: string;
  /** Id of the super-resolution model that is to enlarge the frames; absent: none. */
  readonly upscaler?: string;
}

/** null while the clip has no pictures to save. */
export function exportJob(state: StudioState, format: ExportFormat): ExportJob | null {
  const { clip, exportOptions } = state;
  const images = exportedPictures(clip);
  const first = images?.[0];
  if (clip === null || images === null || first === undefined) return null;
  const { prompt, seed } = clip.request.settings;
  const title = titleOf(state.history.find(({ id }) => id === clip.id) ?? clip);
  const { width, height } = first;
  const frames = exportedFrames(state, images.length, format).map((frame) => images[frame]!);
  const smoothness = smoothnessOf(state, format);
  const fps = playbackFps(state);
  const frameCount = smoothCount(frames.length, smoothness);
  const grid = sheetGrid(frameCount, width, height);
  const endings: Readonly<Record<ExportFormat, string>> = {
    gif: ".gif",
    mp4: ".mp4",
    webm: ".webm",
    apng: ".png",
    frames: ".zip",
    sheet: `-${grid.columns}x${grid.rows}.png`,
    frame: `-frame-${Math.min(state.frame, images.length - 1) + 1}.png`,
  };
  const scale = scaleOf(exportOptions.scale, format, first);
  const upscaler = scale > 1 && upscalerOf(state);
  return {
    frames,
    ...(upscaler ? { upscaler } : {}),
    name: fileName(title, seed, endings[format]),
    options: {
      width,
      height,
      scale,
      smoothness,
      fps: fps * smoothness.factor,
      frameCount,
      settings: settingsText({ ...clip.request.settings, fps }, clip.names, clip.request),
      file: fileChoice(exportOptions, format, prompt, fileName(title, seed, "")),
    },
  };
}

/** The chosen super-resolution model, while the shelf has it. */
export function upscalerOf({ shelf, exportOptions }: Pick<StudioState, "shelf" | "exportOptions">): string {
  return shelf.some(({ id, kind }) => kind === "upscaler" && id === exportOptions.upscaler) ? exportOptions.upscaler : "";
}

/** Where a clip is a loop without a seam and plays as one, the last frame leads on to the first. */
export function smoothnessOf({ clip, loopMode, exportOptions }: StudioState, format: ExportFormat): Smoothness {
  if (format === "frame") return { factor: 1, round: false };
  return { factor: exportOptions.smoothness, round: clip?.request.settings.loop === true && loopMode === "loop" };
}

/** The indices of the exported frames in playing order: a video repeats the rounds, a sheet has each frame once. */
export function exportedFrames(
  state: Pick<StudioState, "frame" | "loopMode" | "clip" | "trims" | "exportOptions">,
  count: number,
  format: ExportFormat,
): number[] {
  const range = playRange(trimOf(state), count);
  switch (format) {
    case "gif":
    case "apng":
      return playOrder(count, state.loopMode, range);
    case "mp4":
    case "webm":
      return Array.from({ length: state.exportOptions.rounds }, () => playOrder(count, state.loopMode, range)).flat();
    case "frames":
    case "sheet":
      return playOrder(count, "once", range);
    case "frame":
      return [Math.min(state.frame, count - 1)];
  }
}

export function fileChoice(options: ExportOptions, format: ExportFormat, title: string, folder: string): FileChoice {
  const { plays, quality } = options;
  switch (format) {
    case "gif":
      return { format, plays, method: gifMethod(options) };
    case "apng":
      return { format, plays };
    case "mp4":
    case "webm":
      return { format, quality, title };
    case "frames":
      return { format, folder };
    case "sheet":
    case "frame":
      return { format };
  }
}

function gifMethod({ encoder, palette, dither, stillPixels }: ExportOptions): GifMethod {
  if (encoder === "zoetrope") return { encoder, palette, dither, stillPixels };
  return { encoder, threads: Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))) };
}
