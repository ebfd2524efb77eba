/** The progress of a rendering in words. */
import type { Phase } from "../../protocol/render.ts";
import type { Progress } from "../store/progress.ts";

export const phaseWords: Readonly<Record<Phase, string>> = {
  download: "Downloading the model",
  convert: "Preparing the model",
  load: "Loading the model",
  pictures: "Drawing the control pictures",
  text: "Reading the prompt",
  denoise: "Denoising",
  decode: "Developing frames",
};

/** "Denoising", "Denoising, step 7 of 20", "Downloading the model, 12 of 25 MB". */
export function progressWords({ phase, done, total }: Progress): string {
  if (phase === null) return "Starting";
  const words = phaseWords[phase];
  if (total === 0) return words;
  switch (phase) {
    case "download":
    case "convert":
      return `${words}, ${megabytes(done)} of ${megabytes(total)} MB`;
    case "denoise":
      return `${words}, step ${Math.min(done + 1, total)} of ${total}`;
    case "pictures":
    case "decode":
      return `${words}, ${done} of ${total}`;
    default:
      return words;
  }
}

/**
 * Milliseconds until the end of the phase at the rate of its items since the first, which is slower because it warms things
 * up. null while there are too few items to tell.
 */
export function phaseTimeLeft({ done, total, firstItem }: Progress, now: number): number | null {
  if (firstItem === null || total === 0) return null;
  const items = done - firstItem.done;
  if (items < 1) return null;
  const perItem = (now - firstItem.at) / items;
  return Math.max(0, (total - done) * perItem);
}

function megabytes(bytes: number): string {
  const mb = bytes / 1e6;
  return mb < 10 ? mb.toFixed(1) : String(Math.round(mb));
}
