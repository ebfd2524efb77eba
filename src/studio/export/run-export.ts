/** Export GIF: the clip on the stage, as it plays, into a file that carries its settings. */
import { ZoetropeError } from "../../core/errors.ts";
import { fileName } from "../../media/file-name.ts";
import { gifDelays } from "../../media/gif/delays.ts";
import { exportGif } from "../../media/gif/export-gif.ts";
import { settingsText } from "../../media/settings-text.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { finalFrames } from "../store/clip.ts";
import { playOrder, playRange } from "../store/player.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";

/** Long enough for the browser to have taken the file, also where it asks where to put it. */
const revokeAfterMs = 60_000;

/** Resolves when the download has been handed to the browser, the export was cancelled, or the person was told why not. */
export async function saveGif(store: StudioStore, signal: AbortSignal): Promise<void> {
  const state = store.getState();
  const { clip, exportLoop, exportScale, loopMode } = state;
  const images = finalFrames(clip);
  if (clip === null || images === null || state.exportProgress !== null) return;
  const { settings } = clip.request;
  const [first] = images;
  if (first === undefined) return;
  const fps = playbackFps(state);
  const order = playOrder(images.length, loopMode, playRange(state, images.length));
  const delays = gifDelays(order.length, fps);
  const frames = order.map((frame, position) => ({ image: images[frame]!, delayCs: delays[position]! }));
  const options = {
    width: first.width,
    height: first.height,
    scale: exportScale,
    loop: exportLoop,
    comment: settingsText({ ...settings, fps }, clip.names),
    threads: Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))),
  };
  state.setExportProgress(0);
  state.announce("Exporting");
  try {
    const gif = await exportGif(frames, options, state.setExportProgress, signal);
    download(gif, fileName(settings.prompt, settings.seed, "gif"));
    store.getState().announce("GIF saved");
  } catch (thrown) {
    if (!signal.aborted) store.getState().tell("error", ZoetropeError.from(thrown));
  } finally {
    store.getState().setExportProgress(null);
  }
}

/** The rate in the field, or the clip's own while that cannot be used. */
export function playbackFps({ numbers, clip }: Pick<StudioState, "numbers" | "clip">): number {
  const parsed = parseNumber(numbers.fps, numberFields.fps);
  return parsed.ok ? parsed.value : (clip?.request.settings.fps ?? 8);
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs);
}
