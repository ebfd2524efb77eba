/** Into the clipboard: the settings as text, or the frame on the stage as a picture. */
import { ZoetropeError } from "../../core/errors.ts";
import { settingsText } from "../../media/settings-text.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { exportClip } from "./export-clip.ts";
import { exportJob, playbackFps } from "./export-job.ts";

/** The settings of the clip on the stage as "parameters" text. */
export async function copySettings(store: StudioStore): Promise<void> {
  const { clip } = store.getState();
  if (clip === null) return;
  const text = settingsText({ ...clip.request.settings, fps: playbackFps(store.getState()) }, clip.names, clip.request);
  await intoClipboard(store, "settings", () => navigator.clipboard.writeText(text));
}

/** As a PNG, the one kind of picture that all browsers take. */
export async function copyFrame(store: StudioStore): Promise<void> {
  const job = exportJob(store.getState(), "frame");
  if (job === null) return;
  // The clipboard is asked for while the click still counts; the picture may come later.
  await intoClipboard(store, "frame", () => {
    const png = exportClip(job.frames, job.options, () => {}, new AbortController().signal);
    return navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  });
}

async function intoClipboard(store: StudioStore, what: "settings" | "frame", write: () => Promise<void>): Promise<void> {
  const { announce, tell } = store.getState();
  try {
    await write();
    announce(what === "settings" ? "Settings copied" : "Frame copied");
    tell("done", { message: `The ${what} ${what === "settings" ? "are" : "is"} in the clipboard.`, hint: "" });
  } catch (cause) {
    const message = `The browser did not let the ${what} into the clipboard.`;
    const hint = "Allow this page to use the clipboard, or save the file instead.";
    tell("error", new ZoetropeError("export/no-clipboard", { message, hint, cause }));
  }
}
