/** Models with a weight that fp16 cannot hold: computations that overflow at 8 bits are repeated at full precision. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { wasmLimitBytes } from "../../core/animation/memory.ts";
import { type ClipTokenizer, createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type Precision, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import type { Checkpoint, WeightSource } from "../../models/types.ts";
import { composeModels } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Backend } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { textPlan } from "../engine/plans/text.ts";
import { isTemporary, parseShardName } from "../engine/shard-names.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import type { ClipEvent } from "./clip-event.ts";
import type { ClipRequest } from "./clip-request.ts";
import { frameAtFullPrecision } from "./decode.ts";
import { checkStepFits, STEP_AT_FULL_PRECISION, STEP_IN_FP32 } from "./denoise.ts";
import { notFinite, PrecisionLadder, type Rung } from "./precision-ladder.ts";
import { renderClip } from "./render-clip.ts";
import { PICTURE_AT_FULL_PRECISION } from "./start-latents.ts";
import { TemporaryWeights, temporaryModels } from "./temporary-weights.ts";

const settings: RenderSettings = {
  ...defaultSettings(),
  prompt: "a red ball",
  negative: "",
  promptAt: [],
  seed: 1,
  steps: 3,
  cfgScale: 4,
  sampler: "dpmpp_2m",
  schedule: null,
  frames: 2,
  width: 64,
  height: 64,
  clipSkip: 1,
  norm: "original",
  precision: "q8",
  contextLength: 16,
  contextOverlap: 4,
  contextMode: "window",
  longPrompts: "truncate",
  promptSyntax: "plain",
  fps: 8,
};

let checkpoint: Checkpoint;
let tokenizer: ClipTokenizer;
let backend: Backend;
beforeAll(async () => {
  checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  tokenizer = createClipTokenizer(clipVocabulary());
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

it("a computation climbs as far as it must, later ones start there, and a refused or missing rung ends it", async () => {
  const rungs = ["asked", "fp32-arithmetic", "full-weights"].map((name) => ({ name }) as Rung);
  const opened: string[] = [];
  const ladder = new PrecisionLadder(rungs, async ({ name }) => {
    opened.push(name);
    return { name };
  });
  const finiteFrom =
    (lowest: Rung["name"]) =>
    async ({ name }: { name: string }) => {
      if (rungs.findIndex((rung) => rung.name === name) < rungs.findIndex((rung) => rung.name === lowest))
        throw notFinite("", "");
      return name;
    };
  expect(await ladder.compute(finiteFrom("asked"))).toBe("asked");
  expect(await ladder.compute(finiteFrom("full-weights"))).toBe("full-weights");
  expect(await ladder.compute(finiteFrom("asked"))).toBe("full-weights");
  expect(opened).toEqual(["asked", "fp32-arithmetic", "full-weights"]);
  await expect(ladder.compute(() => Promise.reject(notFinite("at the top", "")))).rejects.toThrow("at the top");
  const refusing = new PrecisionLadder(rungs, async ({ name }) => {
    if (name !== "asked") throw new Error("too large");
    return { name };
  });
  await expect(refusing.compute(finiteFrom("full-weights"))).rejects.toThrow("too large");
});

it("a step that overflows is repeated at full precision, with the result that full precision has from the start", async () => {
  const scales = { unet: 1e8 };
  const events = await eventsOf(scales, "q8");
  expect(notices(events)).toEqual([STEP_AT_FULL_PRECISION]);
  expect(stepsOf(events).map(({ step }) => step)).toEqual([0, 1, 2]);
  const wanted = stepsOf(await eventsOf(scales, "fp32"));
  for (const [i, { latents }] of stepsOf(events).entries()) expect(latents).toEqual(wanted[i]!.latents);
});

it("temporary weights are removed afterwards, and all other shards stay", async () => {
  await eventsOf({}, "fp32");
  const before = await shardNames();
  await eventsOf({ unet: 1e8, vae: 1e8 }, "q8");
  const added = (await shardNames()).filter((name) => !before.includes(name));
  expect(added.length).toBeGreaterThan(0);
  expect(added.filter(isTemporaryShard)).toEqual([]);
  expect(await shardNames()).toEqual(expect.arrayContaining(before));
});

it("the notice comes before the repeated step", async () => {
  const types = (await eventsOf({ unet: 1e8 }, "fp16")).map((event) => event.type);
  expect(types.indexOf("notice")).toBeLessThan(types.indexOf("step"));
});

it("a frame that overflows is decoded again at full precision", async () => {
  const events = await eventsOf({ vae: 1e8 }, "q8");
  expect(notices(events)).toEqual([frameAtFullPrecision(0)]);
  const wanted = framesOf(await eventsOf({ vae: 1e8 }, "fp32"));
  const frames = framesOf(events);
  expect(frames).toHaveLength(2);
  // The latents differ by the error of 8 bits.
  for (const [i, { pixels }] of frames.entries()) expect(relL2(pixels, wanted[i]!.pixels)).toBeLessThan(0.15);
});

it("a step that overflows only because the UNet computes in fp16 is repeated in fp32, with the same weights", async () => {
  // The weights stay below half of the largest fp16 number; their products do not.
  const scales = { unet: 1e5 };
  const wanted = stepsOf(await eventsOf(scales, "q8"));
  const before = await shardNames();
  const events = await eventsOf(scales, "q8", { ...backend, fp16: true });
  expect(notices(events)).toEqual([STEP_IN_FP32]);
  expect(events.filter((event) => event.type === "progress" && event.phase === "convert")).toEqual([]);
  expect(await shardNames()).toEqual(before);
  for (const [i, { latents }] of stepsOf(events).entries()) expect(latents).toEqual(wanted[i]!.latents);
});

it("full precision follows when fp32 arithmetic does not help", async () => {
  const events = await eventsOf({ unet: 1e8 }, "q8", { ...backend, fp16: true });
  expect(notices(events)).toEqual([STEP_IN_FP32, STEP_AT_FULL_PRECISION]);
  expect(stepsOf(events)).toHaveLength(3);
});

it("a start picture that overflows is encoded again at full precision", async () => {
  const pixels = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i / 50));
  const initVideo = { frames: [pixels, pixels], strength: 1 };
  const events = await eventsOf({ encoder: 1e8 }, "q8", backend, initVideo);
  expect(notices(events)).toEqual([PICTURE_AT_FULL_PRECISION]);
  expect(framesOf(events)).toHaveLength(2);
  expect((await shardNames()).filter(isTemporaryShard)).toEqual([]);
});

it("temporary weights are removed even if their sessions can't be released", async () => {
  const stubborn: Backend = {
    ...backend,
    createSession: async (model, shards) => ({
      ...(await backend.createSession(model, shards)),
      release: () => Promise.reject(new Error("the device is gone")),
    }),
  };
  const engine = new Engine(stubborn, 2 ** 40);
  const models = temporaryModels((await modelsOf({ unet: 3 })).models);
  const { signal } = new AbortController();
  const weights = new TemporaryWeights(engine);
  await weights.keep({ text: models.text }, signal);
  for await (const _ of engine.prepare({ text: models.text }, "fp32", signal));
  await engine.session(textPlan(models.text, { clipSkip: 1, inputs: "ids" }, engine.style("fp32")));
  const packed = async () => (await shardNames()).filter((name) => name.startsWith("text+full-fp32-"));
  expect(await packed()).not.toEqual([]);
  await weights.discard();
  expect(await packed()).toEqual([]);
});

it("full precision that would not fit into memory is refused before anything is converted, and existing shards stay", async () => {
  await eventsOf({ unet: 1e8 }, "q8");
  const before = await shardNames();
  let opened = 0;
  const open: Backend["store"]["open"] = (name, bytes) => {
    opened++;
    return backend.store.open(name, bytes);
  };
  const small = { ...backend, memoryBytes: 300e6, store: { ...backend.store, open } };
  await expect(eventsOf({ unet: 1e8 }, "q8", small)).rejects.toMatchObject({
    code: "render/full-too-large",
    message: expect.stringMatching(/would need about 0\.3 GB of memory, more than a page can use on the processor\.$/),
  });
  expect(opened).toBe(0);
  expect(await shardNames()).toEqual(before);
  expect(notices(await eventsOf({ unet: 1e8 }, "q8", { ...small, memoryBytes: 4e9 }))).toEqual([STEP_AT_FULL_PRECISION]);
});

it("SD 1.5 fits into WebAssembly at full precision only without a motion module", async () => {
  const { models } = await modelsOf({});
  const sized = (parameters: number) => ({ keys: () => ["w"], shape: () => [parameters] }) as unknown as WeightSource;
  const config = { ...models.unet.config, blockOutChannels: [320, 640, 1280, 1280] };
  const still: ModelSet = { ...models, unet: { ...models.unet, config, weights: sized(860e6) }, motion: null };
  const clip = { ...settings, frames: 16, width: 512, height: 512 };
  const moving = { ...still, motion: { ...models.motion!, weights: sized(417e6) } };
  const check = (s: RenderSettings, models: ModelSet) => checkStepFits({ settings: s }, { models, controls: [] }, wasmLimitBytes);
  expect(() => check(clip, moving)).toThrow("about 6.");
  expect(() => check({ ...clip, frames: 1 }, still)).not.toThrow();
});

it("a model that overflows at full precision, too, is refused", async () => {
  await expect(eventsOf({ unet: 1e38 }, "q8")).rejects.toMatchObject({ code: "render/not-finite" });
});

it("a model that does not overflow is computed once, without a notice", async () => {
  expect(notices(await eventsOf({}, "q8"))).toEqual([]);
});

interface Scales {
  readonly unet?: number;
  readonly vae?: number;
  readonly encoder?: number;
}

async function modelsOf(scales: Scales) {
  // 1e38 is written with a "+", which keys may not have.
  const name = `${scales.unet ?? 1}-${scales.vae ?? 1}-${scales.encoder ?? 1}`.replace("+", "");
  const { unet, vae } = checkpoint;
  const decoder = scaled(vae!.weights, "decoder.conv_in.weight", scales.vae ?? 1);
  return composeModels({
    checkpoint: {
      ...checkpoint,
      unet: { ...unet, weights: scaled(unet.weights, "conv_in.weight", scales.unet ?? 1) },
      vae: { ...vae!, weights: scaled(decoder, "encoder.conv_in.weight", scales.encoder ?? 1) },
    },
    motion: await loadMotionModule(kitModel("motion-v3.safetensors")),
    vae: null,
    loras: [],
    controls: [],
    preview: null,
    keys: { unet: `unet-${name}`, text: "text", vae: `vae-${name}`, motion: "motion" },
  });
}

async function eventsOf(
  scales: Scales,
  precision: Precision,
  on: Backend = backend,
  initVideo: ClipRequest["initVideo"] = null,
): Promise<ClipEvent[]> {
  const { models } = await modelsOf(scales);
  const request = {
    settings: { ...settings, precision },
    models,
    initLatents: null,
    initVideo,
    controls: [],
    decodeTile: null,
  };
  const events: ClipEvent[] = [];
  const tools = { engine: new Engine(on, 0), tokenizer, signal: new AbortController().signal };
  for await (const event of renderClip(request, tools)) events.push(event);
  return events;
}

/** The weights with one of them `factor` times as large. */
function scaled(weights: WeightSource, key: string, factor: number): WeightSource {
  return {
    has: (name) => weights.has(name),
    shape: (name) => weights.shape(name),
    keys: () => weights.keys(),
    read: async (name) => {
      const values = await weights.read(name);
      return name === key ? values.map((x) => x * factor) : values;
    },
  };
}

function isTemporaryShard(name: string): boolean {
  return isTemporary(parseShardName(name)!.partKey);
}

async function shardNames(): Promise<string[]> {
  return (await backend.store.names()).filter((name) => !name.endsWith(".onnx"));
}

function notices(events: readonly ClipEvent[]): string[] {
  return events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
}

function stepsOf(events: readonly ClipEvent[]) {
  return events.flatMap((event) => (event.type === "step" ? [event] : []));
}

function framesOf(events: readonly ClipEvent[]) {
  return events.flatMap((event) => (event.type === "frame" ? [event] : []));
}
