import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TorchGenerator } from "../../../core/diffusion/noise.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import { type ClipTokenizer, createClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import { defaultTrainingSettings } from "../../../core/training/training-settings.ts";
import { bufferSource } from "../../../formats/byte-source.ts";
import { gunzip } from "../../../formats/gzip.ts";
import { openTensorFile } from "../../../formats/open-tensor-file.ts";
import { loadCheckpoint } from "../../../models/checkpoint.ts";
import { LATENTS } from "../../../models/tuned-clip.ts";
import type { TrainingEvent, TrainingPlan } from "../../../protocol/training.ts";
import { storageFull } from "../../../storage/storage-errors.ts";
import { MemoryTrainingStore } from "../../../storage/training-store.ts";
import { composeModels } from "../../compose/compose.ts";
import type { Backend } from "../../engine/backend.ts";
import { Engine } from "../../engine/engine.ts";
import { Mutex } from "../../engine/mutex.ts";
import { createNodeBackend } from "../../node/backend.ts";
import { kitModel } from "../../testing/parity-kit.ts";
import type { CaptionedClip, Examples } from "../../training/examples.ts";
import { decodeState } from "../../training/training-state.ts";
import type { EngineHost } from "../engine-host.ts";
import { TrainingRun } from "./training-run.ts";
import { withClipNoise } from "./with-clip-noise.ts";

const STEPS = 4;

let backend: Backend;
let tokenizer: ClipTokenizer;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
  const file = "bpe_simple_vocab_16e6.txt.gz";
  const packed = new Uint8Array(await readFile(new URL(`../../../../public/tokenizer/${file}`, import.meta.url)));
  tokenizer = createClipTokenizer(new TextDecoder().decode(await gunzip(packed, file)));
});
afterAll(() => backend.dispose());

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const { models } = composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: [], preview: null, keys });

const settings = { ...defaultTrainingSettings(), steps: STEPS, resolution: 32, batch: 2, rank: 2, learningRate: 1e-2 };
const plan: TrainingPlan = {
  kind: "lora",
  name: "drawn",
  trigger: "sks",
  models: { checkpoint: "tiny", motion: null, vae: null, loras: [], motionLoras: [] },
  examples: [],
  settings,
  samples: null,
};
const pictures = [1, 2, 3].map((seed) => ({
  pixels: new TorchGenerator(seed).randn(3 * 32 * 32).map((x) => Math.max(-1, Math.min(1, x / 2))),
  width: 32,
  height: 32,
  caption: "sks",
}));

interface Begun {
  readonly plan: TrainingPlan;
  readonly examples: Examples;
}

/** A page's engine whose device may fail: `failing` is asked before every run of a graph. */
function hostOn(device: Backend, failing: () => void = () => undefined) {
  let engine: Engine | null = null;
  let devices = 0;
  const open = () => {
    devices++;
    const createSession: Backend["createSession"] = async (...graph) => {
      const session = await device.createSession(...graph);
      const run: typeof session.run = async (inputs) => {
        failing();
        return session.run(inputs);
      };
      return { run, release: () => session.release() };
    };
    return new Engine({ ...device, createSession }, 0);
  };
  const host = {
    engine: async () => {
      engine ??= open();
      return engine;
    },
    giveUp: async () => {
      engine = null;
    },
  } as unknown as EngineHost;
  return { host, devices: () => devices };
}

const asLora: Begun = { plan, examples: { type: "pictures", pictures } };

async function begin(
  store: MemoryTrainingStore,
  {
    host,
    signal = new AbortController().signal,
    send = () => undefined,
  }: { host: EngineHost; signal?: AbortSignal; send?: (event: TrainingEvent) => void },
  { plan, examples }: Begun = asLora,
) {
  const before = await store.progress();
  const state = before === null ? null : await decodeState(await openTensorFile(bufferSource(before.state, "state.safetensors")));
  const lesson = { kind: plan.kind, models, settings: plan.settings, examples, sample: null, state };
  const tools = { host, turn: new Mutex(), tokenizer, store, signal, send };
  return new TrainingRun(plan, lesson, { losses: before?.losses ?? [], lastSample: null, keptSteps: before?.step ?? 0 }, tools);
}

async function uninterrupted() {
  const store = new MemoryTrainingStore();
  await (await begin(store, hostOn(backend))).run();
  return (await store.progress())!;
}

it("a training that was paused goes on to the same LoRA and losses", async () => {
  const store = new MemoryTrainingStore();
  const pause = new AbortController();
  const send = (event: TrainingEvent) => event.type === "step" && event.step === 2 && pause.abort();
  await (await begin(store, { ...hostOn(backend), signal: pause.signal, send })).run();
  expect((await store.progress())?.step).toBe(2);
  await (await begin(store, hostOn(backend))).run();
  expect(await store.progress()).toEqual(await uninterrupted());
});

it("a card that is lost once costs no step, and one that is lost again ends the training with its steps kept", async () => {
  let stepsMade = 0;
  let losses = 0;
  const lost = new ZoetropeError("device/lost", { message: "The card stopped." });
  const events: TrainingEvent[] = [];
  const send = (event: TrainingEvent) => {
    events.push(event);
    if (event.type === "step") stepsMade = event.step;
  };
  const once = hostOn(backend, () => {
    if (stepsMade !== 2 || losses++ > 0) return;
    throw lost;
  });
  const store = new MemoryTrainingStore();
  await (await begin(store, { host: once.host, send })).run();
  expect(once.devices()).toBe(2);
  expect(events.filter(({ type }) => type === "notice")).toHaveLength(1);
  expect(await store.progress()).toEqual(await uninterrupted());

  stepsMade = 0;
  const always = hostOn(backend, () => {
    if (stepsMade === 2) throw lost;
  });
  const again = new MemoryTrainingStore();
  await expect((await begin(again, { host: always.host, send })).run()).rejects.toMatchObject({ code: "device/lost" });
  expect((await again.progress())?.step).toBe(2);
});

it("a clip's training keeps the clip's noise; where it was interrupted, the same noise is found afterwards", async () => {
  const clip: CaptionedClip = { frames: pictures.slice(0, 2), caption: "a ball" };
  const tuning = { ...settings, batch: 1, frames: 2, steps: 2, inversionSteps: 3 };
  const begun: Begun = {
    plan: { ...plan, kind: "tune-a-video", trigger: null, examples: [{ frames: [], caption: "a ball" }], settings: tuning },
    examples: { type: "clips", clips: [clip] },
  };
  const whole = new MemoryTrainingStore();
  const events: string[] = [];
  await (await begin(whole, { ...hostOn(backend), send: ({ type }) => events.push(type) }, begun)).run();
  expect(events.slice(-2)).toEqual(["step", "inverting"]);
  const { lora: withNoise } = (await whole.progress())!;
  const file = await openTensorFile(bufferSource(withNoise, "clip.safetensors"));
  expect(file.tensors.get(LATENTS)?.shape).toEqual([2, 4, 32 / models.family.vaeFactor, 32 / models.family.vaeFactor]);

  const interrupted = new MemoryTrainingStore();
  const pause = new AbortController();
  const send = (event: TrainingEvent) => event.type === "step" && event.step === 2 && pause.abort();
  await (await begin(interrupted, { ...hostOn(backend), signal: pause.signal, send }, begun)).run();
  const { lora: without } = (await interrupted.progress())!;
  expect((await openTensorFile(bufferSource(without, "clip.safetensors"))).tensors.has(LATENTS)).toBe(false);
  const lesson = { models, settings: tuning, examples: begun.examples };
  const tools = { engine: new Engine(backend, 0), tokenizer, signal: new AbortController().signal };
  expect(await withClipNoise(without, lesson, tools)).toEqual(withNoise);
  expect(await withClipNoise(withNoise, lesson, tools)).toBe(withNoise);
});

it("a full disk ends the training, and the steps stay in the tab", async () => {
  class FullStore extends MemoryTrainingStore {
    override async keepProgress(): Promise<void> {
      throw storageFull();
    }
  }
  const run = await begin(new FullStore(), hostOn(backend));
  await expect(run.run()).rejects.toMatchObject({ code: "training/no-room" });
  expect(run.unsaved).toEqual(await uninterrupted());
});
