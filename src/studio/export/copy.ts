/** Copies into the clipboard: the settings as text or as an address, or the frame on the stage as a picture. */
import { ZoetropeError } from "../../core/errors.ts";
import { settingsText } from "../../media/settings-text.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { exportClip } from "./export-clip.ts";
import { exportJob } from "./export-job.ts";
import { playbackFps } from "./playback-fps.ts";

/** Copies the settings of the clip on the stage as "parameters" text. */
export async function copySettings(store: StudioStore): Promise<void> {
  const { clip } = store.getState();
  if (clip === null) return;
  const text = settingsText({ ...clip.request.settings, fps: playbackFps(store.getState()) }, clip.names, clip.request);
  await intoClipboard(store, "settings", () => navigator.clipboard.writeText(text));
}

/** Copies the frame as a PNG, the only kind of picture that every browser accepts in the clipboard. */
export async function copyFrame(store: StudioStore): Promise<void> {
  const job = exportJob(store.getState(), "frame");
  if (job === null) return;
  // Browsers allow the call only soon after a click, but accept a picture that is still a promise.
  await intoClipboard(store, "frame", () => {
    const png = exportClip(job.frames, job.options, () => {}, new AbortController().signal);
    return navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  });
}

/** @param address the address that restores the present settings */
export async function copyLink(store: StudioStore, address: string): Promise<void> {
  const { tell } = store.getState();
  try {
    await navigator.clipboard.writeText(address);
    tell("done", { message: "The link is copied: it opens this page with these settings.", hint: "" });
  } catch {
    tell("error", { message: "The link could not be copied.", hint: "Copy the address of this page instead." });
  }
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
