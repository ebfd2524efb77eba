/** Export GIF: the clip on the stage, as it plays, into a file that carries its settings. */
import { ZoetropeError } from "../../core/errors.ts";
import { fileName } from "../../media/file-name.ts";
import { gifDelays } from "../../media/gif/delays.ts";
import { exportGif, type GifFrame } from "../../media/gif/export-gif.ts";
import type { GifMethod, GifOptions } from "../../media/gif/export-job.ts";
import { settingsText } from "../../media/settings-text.ts";
import { bytesWords } from "../import/amounts.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { finalFrames } from "../store/clip.ts";
import type { ExportOptions } from "../store/export.ts";
import { playOrder, playRange } from "../store/player.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";

/** Long enough for the browser to have taken the file, also where it asks where to put it. */
const revokeAfterMs = 60_000;

/** Resolves when the download has been handed to the browser, the export was cancelled, or the person was told why not. */
export async function saveGif(store: StudioStore, signal: AbortSignal): Promise<void> {
  const state = store.getState();
  if (state.exportProgress !== null) return;
  const gif = gifOf(state);
  if (gif === null) return;
  state.setExportProgress(0);
  state.announce("Exporting");
  try {
    const blob = await exportGif(gif.frames, gif.options, state.setExportProgress, signal);
    download(blob, gif.name);
    store.getState().announce(`GIF saved, ${bytesWords(blob.size)}`);
  } catch (thrown) {
    if (!signal.aborted) store.getState().tell("error", ZoetropeError.from(thrown));
  } finally {
    store.getState().setExportProgress(null);
  }
}

/** What would be exported now: the frames as they play, how, and the file's name; null while there is nothing finished. */
export function gifOf(state: StudioState): { frames: GifFrame[]; options: GifOptions; name: string } | null {
  const { clip, exportOptions, loopMode } = state;
  const images = finalFrames(clip);
  const first = images?.[0];
  if (clip === null || images === null || first === undefined) return null;
  const { settings } = clip.request;
  const fps = playbackFps(state);
  const order = playOrder(images.length, loopMode, playRange(state, images.length));
  const delays = gifDelays(order.length, fps);
  const frames = order.map((frame, position) => ({ image: images[frame]!, delayCs: delays[position]! }));
  const options = {
    width: first.width,
    height: first.height,
    scale: exportOptions.scale,
    plays: exportOptions.plays,
    comment: settingsText({ ...settings, fps }, clip.names),
    method: methodOf(exportOptions),
  };
  return { frames, options, name: fileName(settings.prompt, settings.seed, "gif") };
}

function methodOf({ encoder, palette, dither, stillPixels }: ExportOptions): GifMethod {
  if (encoder === "zoetrope") return { encoder, palette, dither, stillPixels };
  return { encoder, threads: Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))) };
}

/** The rate in the field, or the clip's own while that cannot be used. */
export function playbackFps({ numbers, clip }: Pick<StudioState, "numbers" | "clip">): number {
  const parsed = parseNumber(numbers.fps, numberFields.fps);
  return parsed.ok ? parsed.value : (clip?.request.settings.fps ?? 8);
}

/** The settings of the clip on the stage as "parameters" text, into the clipboard. */
export async function copySettings(store: StudioStore): Promise<void> {
  const { clip, announce, tell } = store.getState();
  if (clip === null) return;
  try {
    await navigator.clipboard.writeText(
      settingsText({ ...clip.request.settings, fps: playbackFps(store.getState()) }, clip.names),
    );
    announce("Settings copied");
    tell("notice", { message: "The settings are in the clipboard.", hint: "" });
  } catch (cause) {
    tell(
      "error",
      new ZoetropeError("export/no-clipboard", {
        message: "The browser did not let the settings into the clipboard.",
        hint: "Allow this page to use the clipboard, or export the GIF: they are inside it.",
        cause,
      }),
    );
  }
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs);
}
