/** Runs one rendering from the queue to the finished clip, and stops it. */
import type { ErrorInfo } from "../../core/errors.ts";
import type { QueuedRender } from "../../protocol/history.ts";
import { prefersReducedMotion } from "../controls/motion-preference.ts";
import type { EngineClient } from "../engine/client.ts";
import { endsDevice, restartDevice } from "../engine/restart-device.ts";
import { type Clip, emptyClip, isBlank } from "../store/clip.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { durationWords } from "../words/durations.ts";
import { spokenProgress } from "./spoken-progress.ts";
import { createStepClock } from "./step-clock.ts";

/** If the engine has not stopped after this time, the next press of Stop ends it. */
const patienceMs = 4000;

export type RenderOutcome = "done" | "cancelled" | "failed";

/** Takes over a finished clip. */
export type KeepClip = (clip: Clip, durationMs: number) => void;

/** Renders one animation; resolves when the rendering has ended. */
export async function renderOne(
  store: StudioStore,
  engine: EngineClient,
  { id, request, names, batch }: QueuedRender,
  keep: KeepClip,
): Promise<RenderOutcome> {
  const startedAt = performance.now();
  let outcome: RenderOutcome = "cancelled";
  let ended: ErrorInfo | null = null;
  store.getState().beginJob(emptyClip(id, request, names, batch), startedAt);
  store.getState().announce("Generating");

  const clock = createStepClock();
  await engine.render(request, (event) => {
    const now = performance.now();
    clock.note(event, now);
    const before = store.getState();
    before.applyEvent(event, now);
    const after = store.getState();
    if (before.job.status === "running" && after.job.status === "running") {
      const words = spokenProgress(before.job.progress, after.job.progress, now);
      if (words !== null) after.announce(words);
    }
    if (after.clip?.id !== before.clip?.id) {
      after.rewind();
      after.setPlaying(!prefersReducedMotion());
    }
    switch (event.type) {
      case "notice":
        after.tell("notice", { message: event.message, hint: "" });
        break;
      case "done":
        outcome = "done";
        // A farm does not say how long its phases took, and its card says nothing about this device.
        if (after.device.status === "ready" && Object.keys(event.timingsMs).length > 0 && clock.whole()) {
          const steady = clock.denoiseMs();
          after.setLastRun({
            ...{ request, backend: after.device.report.backend, timingsMs: event.timingsMs },
            ...(steady === null ? {} : { steadyDenoiseMs: steady }),
          });
        }
        if (after.job.status === "running") {
          keep(after.job.clip, now - startedAt);
          finish(after, after.job.clip, now - startedAt);
        }
        break;
      case "cancelled":
        if (after.job.status === "running") {
          announceStop(after, after.job.clip);
          const words = stoppedWords(after);
          if (words !== null) after.setStopped({ id, words });
        }
        after.endJob(null);
        break;
      case "failed":
        outcome = "failed";
        if (endsDevice(event.error)) ended = event.error;
        after.endJob(null);
        after.tell("error", event.error);
        break;
    }
  });
  if (ended !== null) await restartDevice(store, engine, ended);
  return outcome;
}

export async function stop(store: StudioStore, engine: EngineClient): Promise<void> {
  const { job, beginStopping } = store.getState();
  if (job.status !== "running") return;
  const now = performance.now();
  if (job.stoppingSince !== null) {
    if (now - job.stoppingSince > patienceMs) engine.restart();
    return;
  }
  beginStopping(now);
  await engine.cancelRender().catch(() => engine.restart());
}

function finish(state: StudioState, clip: Clip, durationMs: number): void {
  state.endJob(durationMs);
  state.announce(`Finished: ${clip.pictures.length} frames in ${durationWords(durationMs)}`);
}

/** null: it cannot go on, because nothing of it is to be seen yet, or a farm made it, which keeps nothing (runtime/web/stopped-clip.ts). */
function stoppedWords({ job, farm }: StudioState): string | null {
  if (job.status !== "running" || isBlank(job.clip) || farm.status === "ready") return null;
  const { phase, done, total } = job.progress;
  if (phase === "denoise") return `Stopped at step ${done} of ${total}.`;
  return phase === "decode" ? `Stopped with ${done} of ${total} frames.` : "Stopped half-way.";
}

function announceStop(state: StudioState, clip: Clip): void {
  state.announce(isBlank(clip) ? "Stopped" : "Stopped; what was made so far stays, and can be exported");
}
