/** Generate: adds the present settings to the queue, and renders the queue one by one. */
import { ZoetropeError } from "../../core/errors.ts";
import { withWildcards } from "../../core/prompt/wildcards.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { buildRequest, randomSeed } from "../render/request.ts";
import { type KeepClip, renderOne } from "../render/run-render.ts";
import { parseNumber } from "../settings/number-fields.ts";
import type { WaitingRender } from "../store/queue.ts";
import { namesOf } from "../store/selection.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { batchField } from "./batch.ts";
import type { GridAxis } from "./grid.ts";

/**
 * Queues the present settings, and renders the queue unless a rendering is running already. Resolves when this call has nothing
 * left to do. @returns the name of an invalid field, if nothing could be queued; else null
 */
export async function generate(store: StudioStore, engine: EngineClient, keep: KeepClip): Promise<string | null> {
  const state = store.getState();
  state.dismissErrors();
  const result = buildRequest(state, seedsFor(state));
  if (!result.ok) {
    state.tell("error", { message: result.message, hint: "" });
    return result.field;
  }
  const count = parseNumber(state.batchCount, batchField);
  if (!count.ok) {
    state.tell("error", { message: count.message, hint: "" });
    return batchField.label;
  }
  const { request } = result;
  state.setNumber("seed", String(request.settings.seed));
  await queueUp(store, engine, keep, batchOf(request, count.value));
  return null;
}

/** Queues a grid of the present settings, as `generate` does a batch. */
export async function generateGrid(
  store: StudioStore,
  engine: EngineClient,
  keep: KeepClip,
  axes: readonly GridAxis[],
): Promise<void> {
  const state = store.getState();
  state.dismissErrors();
  const result = buildRequest(state, randomSeed);
  if (!result.ok) return state.tell("error", { message: result.message, hint: "" });
  try {
    const { gridOf } = await import("./grid.ts");
    const { requests, labels } = gridOf(result.request, axes, state.shelf);
    const cells = requests.map((each) => ({ ...each, settings: withWildcards(each.settings) }));
    await queueUp(store, engine, keep, cells, (ids) => state.setGrid({ ids, labels }));
  } catch (thrown) {
    state.tell("error", ZoetropeError.from(thrown));
  }
}

/** Queues the requests, several as one batch that is shown side by side, and works the queue off unless that happens already. */
export async function queueUp(
  store: StudioStore,
  engine: EngineClient,
  keep: KeepClip,
  requests: readonly RenderRequest[],
  queued: (ids: readonly string[]) => void = () => undefined,
): Promise<void> {
  const state = store.getState();
  const batch = requests.length > 1 ? crypto.randomUUID() : null;
  const renders = requests.map((request): WaitingRender => {
    return { id: crypto.randomUUID(), request, names: namesOf(request, state.shelf), batch, held: false };
  });
  queued(renders.map(({ id }) => id));
  const working = state.job.status === "running";
  state.enqueue(renders);
  if (!working) state.showSideBySide(batch === null ? null : renders.map(({ id }) => id));
  if (working) {
    state.announce(`Queued: ${store.getState().queue.length} waiting`);
    return;
  }
  await workOff(store, engine, keep);
}

/** A newcomer's first animation has the seed that its checkpoint's examples name; all others are drawn. */
export function seedsFor(state: Pick<StudioState, "checkpoint" | "examples" | "history" | "job" | "queue">): () => number {
  const { checkpoint, examples, history, job, queue } = state;
  const first = history.length === 0 && queue.length === 0 && job.status === "idle" && job.lastDurationMs === null;
  let fixed = first && examples?.checkpoint === checkpoint ? examples.firstSeed : null;
  return () => {
    const seed = fixed ?? randomSeed();
    fixed = null;
    return seed;
  };
}

/** Renders the queue one by one, until only held renderings are left. */
export async function workOff(store: StudioStore, engine: EngineClient, keep: KeepClip): Promise<void> {
  if (store.getState().job.status === "running") return;
  for (let next = store.getState().takeQueued(); next !== null; next = store.getState().takeQueued()) {
    const outcome = await renderOne(store, engine, next, keep);
    // The next rendering would most likely fail for the same reason.
    if (outcome === "failed") store.getState().holdQueue(true);
  }
}

/** The request `count` times, each with the next seed, or with the next seed of its variation, and the words that its seed chooses. */
export function batchOf(request: RenderRequest, count: number): RenderRequest[] {
  const { settings } = request;
  const { seed, variation } = settings;
  const after = (first: number, i: number) => (first + i) % Number.MAX_SAFE_INTEGER;
  return Array.from({ length: count }, (_, i) => ({
    ...request,
    settings: withWildcards(
      variation === undefined
        ? { ...settings, seed: after(seed, i) }
        : { ...settings, variation: { ...variation, seed: after(variation.seed, i) } },
    ),
  }));
}
