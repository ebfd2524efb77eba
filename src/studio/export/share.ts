/** Hands the clip's file to another program (Web Share), if the browser can. */
import { ZoetropeError } from "../../core/errors.ts";
import { type ExportFormat, mimeTypes } from "../../media/export/options.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { exportJob } from "./export-job.ts";
import { fileOf } from "./run-export.ts";

/** Whether this browser shares files of that format. */
export function canShare(format: ExportFormat): boolean {
  // TypeScript declares it as always present, but some browsers lack it.
  if (!("canShare" in navigator)) return false;
  const ending = format === "frames" ? "zip" : format === "gif" || format === "mp4" || format === "webm" ? format : "png";
  return navigator.canShare({ files: [new File([], `clip.${ending}`, { type: mimeTypes[format] })] });
}

/**
 * Shares the clip in the chosen format. Browsers share only soon after a click, so if encoding takes longer, the file is kept
 * and the next click shares it.
 */
export function createShare(store: StudioStore, engine: EngineClient): (signal: AbortSignal) => Promise<void> {
  let ready: { readonly key: string; readonly file: File } | null = null;
  return async (signal) => {
    const state = store.getState();
    const job = exportJob(state, state.exportOptions.format);
    if (job === null) return;
    const key = JSON.stringify([state.clip?.id, job.name, job.options, job.upscaler]);
    const file = ready?.key === key ? ready.file : await fileOf(store, engine, job, signal);
    if (file === null) return;
    ready = { key, file };
    if (!navigator.userActivation.isActive) {
      state.tell("notice", { message: `${file.name} is ready.`, hint: "Press Share once more to send it." });
      return;
    }
    try {
      await navigator.share({ files: [file], title: file.name });
      ready = null;
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "AbortError") return; // closed by the person
      const message = "The browser did not share the file.";
      state.tell("error", new ZoetropeError("export/not-shared", { message, hint: "Save the file and send it by hand.", cause }));
    }
  };
}
