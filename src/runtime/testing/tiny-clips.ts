/** Clips of the kit's SD 1.5, small enough to be rendered in tests, on one thread. */

import { afterAll, beforeAll } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import type { ClipEvent } from "../pipeline/clip-event.ts";
import type { ClipRequest } from "../pipeline/clip-request.ts";
import type { JobTools } from "../pipeline/job.ts";
import { renderClip } from "../pipeline/render-clip.ts";
import { kitModels } from "./kit-models.ts";

export const TINY_SIDE = 64;

const TINY: Partial<RenderSettings> = {
  ...{ prompt: "a ball", seed: 1, steps: 1, cfgScale: 1, frames: 2 },
  ...{ width: TINY_SIDE, height: TINY_SIDE, precision: "fp32" },
};

export interface TinyClips {
  /** With the kit's v3 motion module. There from the first test on, as the engine is. */
  readonly models: ModelSet;
  readonly engine: Engine;
  /** One step of two frames from the seed's noise, unless said otherwise. */
  request(own?: Partial<RenderSettings>, parts?: Partial<ClipRequest>): ClipRequest;
  render(request: ClipRequest, tools?: Partial<JobTools>): AsyncGenerator<ClipEvent>;
  /** Latents after the first step; nothing is computed after it. */
  firstStep(request: ClipRequest): Promise<Float32Array>;
}

/** To be called once in a test file, outside of its tests: opens an engine before them, and closes it after them. */
export function tinyClips(): TinyClips {
  const tokenizer = createClipTokenizer(clipVocabulary());
  let engine: Engine;
  let models: ModelSet;
  beforeAll(async () => {
    engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
    models = await kitModels("motion-v3.safetensors");
  });
  afterAll(async () => {
    await engine.release();
    await engine.backend.dispose();
  });
  const render = (request: ClipRequest, tools: Partial<JobTools> = {}) =>
    renderClip(request, { engine, tokenizer, signal: new AbortController().signal, ...tools });
  return {
    get models() {
      return models;
    },
    get engine() {
      return engine;
    },
    render,
    request: (own = {}, parts = {}) => ({
      settings: { ...defaultSettings(), ...TINY, ...own },
      models,
      ...{ initLatents: null, initVideo: null, controls: [], decodeTile: null },
      ...parts,
    }),
    firstStep: async (request) => {
      for await (const event of render(request)) if (event.type === "step") return event.latents;
      throw new Error("no step");
    },
  };
}
