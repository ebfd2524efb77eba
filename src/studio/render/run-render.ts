/** Generate and Stop: one rendering from the press of the button to the finished clip in the history. */
import type { EngineClient } from "../engine/client.ts";
import { namesOf } from "../shelf/selection.ts";
import { prefersReducedMotion } from "../stage/motion-preference.ts";
import { type Clip, emptyClip, isBlank } from "../store/clip.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { durationWords } from "./progress.ts";
import { buildRequest, randomSeed } from "./request.ts";

/** A Stop this soon after Generate is the second half of a double click. */
const doubleClickMs = 500;
/** An engine that has not stopped by then is ended at the next press of Stop. */
const patienceMs = 4000;

/** Resolves when the rendering has ended; to the name of the field to put right if it could not begin, else to null. */
export async function generate(store: StudioStore, engine: EngineClient): Promise<string | null> {
  const state = store.getState();
  if (state.job.status === "running") return null;
  state.dismissErrors();
  const result = buildRequest(state, randomSeed);
  if (!result.ok) {
    state.tell("error", { message: result.message, hint: "" });
    return result.field;
  }
  const { request } = result;
  state.setNumber("seed", String(request.settings.seed));
  const startedAt = performance.now();
  state.beginJob(emptyClip(crypto.randomUUID(), request, namesOf(request.models, state.shelf)), startedAt);
  state.announce("Generating");

  await engine.render(request, (event) => {
    const now = performance.now();
    const before = store.getState();
    before.applyEvent(event, now);
    const after = store.getState();
    if (after.clip?.id !== before.clip?.id) {
      after.rewind();
      after.setPlaying(!prefersReducedMotion());
    }
    switch (event.type) {
      case "notice":
        after.tell("notice", { message: event.message, hint: "" });
        break;
      case "done":
        if (after.job.status === "running") finish(after, after.job.clip, now - startedAt);
        break;
      case "cancelled":
        if (after.job.status === "running") announceStop(after, after.job.clip);
        after.endJob(null);
        break;
      case "failed":
        after.endJob(null);
        after.tell("error", event.error);
        break;
    }
  });
  return null;
}

export async function stop(store: StudioStore, engine: EngineClient): Promise<void> {
  const { job, beginStopping } = store.getState();
  if (job.status !== "running") return;
  const now = performance.now();
  if (now - job.startedAt < doubleClickMs) return;
  if (job.stoppingSince !== null) {
    if (now - job.stoppingSince > patienceMs) engine.restart();
    return;
  }
  beginStopping(now);
  await engine.cancelRender().catch(() => engine.restart());
}

function finish(state: StudioState, clip: Clip, durationMs: number): void {
  state.remember(clip);
  state.endJob(durationMs);
  state.announce(`Finished: ${clip.pictures.length} frames in ${durationWords(durationMs)}`);
}

function announceStop(state: StudioState, clip: Clip): void {
  state.announce(isBlank(clip) ? "Stopped" : "Stopped; what was made so far stays");
}
