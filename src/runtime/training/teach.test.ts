import { afterAll, beforeAll, expect, it } from "vitest";
import { TorchGenerator } from "../../core/diffusion/noise.ts";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { createOptimiser, defaultTrainingSettings, type TrainingSettings } from "../../core/training/training-settings.ts";
import { bufferSource } from "../../formats/byte-source.ts";
import { gunzip } from "../../formats/gzip.ts";
import { ZERO } from "../../graph/differentiate/recomputation.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadLora } from "../../models/lora/load.ts";
import { matchLora } from "../../models/lora/match.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels } from "../compose/compose.ts";
import type { Backend } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { openingOnce } from "../testing/opening-once.ts";
import { kitModel, kitTensors, relL2 } from "../testing/parity-kit.ts";
import type { Examples } from "./examples.ts";
import { peftName } from "./file-names.ts";
import { fitObjective, objectiveBytes } from "./fit-objective.ts";
import { readFixture, startOf } from "./fixture.ts";
import { learnedFile } from "./learned-file.ts";
import { freshStart, loraLayers } from "./lora-targets.ts";
import type { ObjectiveRunner } from "./objective-runner.ts";
import { type Lesson, lossWeighting, type TeachEvent, teach, teachWith } from "./teach.ts";
import { teachLora } from "./teachable.ts";
import { train } from "./train.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openingOnce();
});
afterAll(() => backend.dispose());

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v2.safetensors"));
const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
const compose = (module: typeof motion | null) =>
  composeModels({ checkpoint, motion: module, vae: null, loras: [], controls: [], preview: null, keys }).models;

async function tools(signal = new AbortController().signal) {
  const { readFile } = await import("node:fs/promises");
  const file = "bpe_simple_vocab_16e6.txt.gz";
  const packed = new Uint8Array(await readFile(new URL(`../../../public/tokenizer/${file}`, import.meta.url)));
  const tokenizer = createClipTokenizer(new TextDecoder().decode(await gunzip(packed, file)));
  return { engine: new Engine(backend, 0), tokenizer, signal };
}

function settings(given: Partial<TrainingSettings>): TrainingSettings {
  return { ...defaultTrainingSettings(), resolution: 32, batch: 2, rank: 2, learningRate: 1e-2, seed: 5, ...given };
}

const picture = (seed: number, width = 32, height = 32) => {
  const pixels = new TorchGenerator(seed).randn(3 * width * height).map((x) => Math.max(-1, Math.min(1, x / 2)));
  return { pixels, width, height, caption: seed % 2 === 0 ? "a round sks" : "a flat sks" };
};

async function taught(lesson: Partial<Lesson> & Pick<Lesson, "kind" | "settings" | "examples">, stopAfter: number | null = null) {
  const stop = new AbortController();
  const events: TeachEvent[] = [];
  const models = compose(lesson.examples.type === "clips" ? motion : null);
  const whole = { models, sample: null, state: null, memoryBytes: null, ...lesson };
  for await (const event of teach(whole, await tools(stop.signal))) {
    events.push(event);
    if (event.type === "step" && event.step + 1 === stopAfter) stop.abort();
  }
  const last = events.at(-1)!;
  if (last.type !== "taught") throw new Error("the last event is another one");
  return { events, ...last };
}

const pictures = (...list: ReturnType<typeof picture>[]): Examples => ({ type: "pictures", pictures: list });
const opened = (bytes: Uint8Array<ArrayBuffer>) => [
  { path: "learned.safetensors", source: bufferSource(bytes, "learned.safetensors") },
];
const info = { title: "t", modelName: "tiny", steps: 1, learningRate: 1, seed: 0, trigger: "sks", captions: [], thumbnail: null };

// torch, diffusers and peft: e2e/parity/make_training_case.py
it.each([
  ["all values kept", null],
  ["values computed again", 45e6],
])(
  "three steps of a LoRA are torch's: %s",
  async (_, memoryBytes) => {
    const own = settings({
      steps: 3,
      alpha: 3,
      learningRate: 2e-3,
      betas: "0.9,0.99",
      eps: 1e-6,
      weightDecay: 0.1,
      maxGradNorm: 0.02,
    });
    const models = compose(null);
    const fixture = await readFixture(await kitTensors("training/lora.safetensors"));
    const golden = await kitTensors("training/lora.golden.safetensors");
    const { keys: layers, start } = startOf(fixture, models.unet.weights, peftName);
    const teachable = await teachLora(models, layers, { rank: 2, alpha: 3, start });
    const first = new Map([...teachable.parameters].map(([name, { data }]) => [name, data.slice()]));
    const prepared = { teachable, data: fixture.data, loss: lossWeighting(own, models, null) };
    const lesson = { kind: "lora", models, settings: own, state: null, sample: null, memoryBytes, ...prepared } as const;
    const losses: number[] = [];
    for await (const event of teachWith(lesson, await tools())) {
      if (event.type !== "step") continue;
      losses.push(event.loss);
      if (event.step > 0) continue;
      for (const [name, gradient] of event.gradients)
        expect(relL2(gradient, await golden.readFloat32(`grad.${peftName(name)}`)), name).toBeLessThan(1e-4);
    }
    expect(relL2(Float32Array.from(losses), await golden.readFloat32("loss"))).toBeLessThan(2e-5);
    for (const [name, { data }] of teachable.parameters) {
      const change = (values: Float32Array) => values.map((x, i) => x - first.get(name)![i]!);
      expect(relL2(change(data), change(await golden.readFloat32(`final.${peftName(name)}`))), name).toBeLessThan(1e-2);
    }
  },
  120_000,
);

it("values are computed again only where they must, and then take less memory", async () => {
  const models = compose(null);
  const start = freshStart(1, 2);
  const teachable = await teachLora(models, loraLayers(models.unet.weights, "attention"), { rank: 2, alpha: 2, start });
  const shape = { ...teachable, norm: "original", frames: 2, height: 16, width: 16, textTokens: 77 } as const;
  const fitted = [null, 45e6].map((limit) => fitObjective(shape, "cpu", limit));
  const [kept, again] = fitted.map((objective) => objectiveBytes(objective).values);
  expect(fitted.map(({ graph }) => graph.inputs.some(({ name }) => name === ZERO))).toEqual([false, true]);
  expect(again!).toBeLessThan(kept! / 2);
});

it("a training that does not fit the memory is refused before it runs", async () => {
  const lesson = { kind: "lora", settings: settings({ steps: 1 }), examples: pictures(picture(0)), memoryBytes: 1e6 } as const;
  await expect(taught(lesson)).rejects.toThrow(/takes at least 0\.\d GB of memory; 0\.0 GB may be taken/);
});

it("the text encoder learns along, by the gradient of the same loss", async () => {
  const own = settings({ steps: 1, textEncoder: true, targets: "all", learningRate: 0, maxGradNorm: 1e9 });
  const examples = pictures(picture(0), picture(1));
  const { events, teachable, state } = await taught({ kind: "lora", settings: own, examples });
  const [step] = events.filter((event) => event.type === "step");
  const names = [...teachable.parameters.keys()].filter((name) => name.startsWith("text_model.") && name.includes("lora_B"));
  expect(names).toHaveLength(2 * 6);
  // The loss, moved along the gradient of the text encoder's factors, changes by its squared length.
  const squared = names.reduce((sum, name) => sum + step!.gradients.get(name)!.reduce((s, g) => s + g * g, 0), 0);
  const lossAt = async (by: number) => {
    const tensors = { ...state.tensors };
    for (const name of names) {
      const { shape } = tensors[`value.${name}`]!;
      tensors[`value.${name}`] = { shape, data: step!.gradients.get(name)!.map((g) => by * g) as Float32Array<ArrayBuffer> };
    }
    const moved = await taught({ kind: "lora", settings: own, examples, state: { ...state, steps: 0, tensors } });
    return moved.events.find((event) => event.type === "step")!.loss;
  };
  const by = 0.004 / Math.sqrt(squared);
  expect(((await lossAt(by)) - (await lossAt(-by))) / (2 * by) / squared).toBeCloseTo(1, 2);
  const lora = await loadLora(opened(learnedFile("lora", teachable.parameters, own, compose(null), info)));
  const { report } = matchLora(lora, { unet: checkpoint.unet.weights, textEncoder: checkpoint.textEncoder!.weights });
  expect(report).toMatch(/^(\d+) of \1 layers used$/);
}, 120_000);

it("pictures of several shapes are trained on in sizes of their own, with pictures of their class beside them", async () => {
  const own = settings({ steps: 4, batch: 1, buckets: true, resolution: 32, priorWeight: 0.5 });
  const shapes = pictures(picture(0), picture(1, 96, 48));
  const examples = { ...shapes, classPictures: [{ ...picture(3), caption: "a thing" }] } as Examples;
  const { events, steps } = await taught({ kind: "lora", settings: own, examples });
  expect(steps).toBe(4);
  const encoded = events.filter((event) => event.type === "progress" && event.phase === "encode");
  expect(encoded.at(-1)).toMatchObject({ done: 4, total: 4 }); // each size has the class's picture, too
}, 120_000);

const clip = (seed: number) => ({
  frames: Array.from({ length: 3 }, (_, i) => picture(10 * seed + i)),
  caption: "a ball that moves",
});

it("a motion LoRA learns from clips after their look was learned, and goes on from a state to the same weights", async () => {
  const own = settings({ steps: 2, batch: 1, frames: 2, lookSteps: 1 });
  const examples: Examples = { type: "clips", clips: [clip(1), clip(2)] };
  const lesson = { kind: "motion-lora", settings: own, examples } as const;
  const whole = await taught(lesson);
  expect(whole.events.filter((event) => event.type === "progress" && event.phase === "look")).toHaveLength(1);
  const half = await taught(lesson, 1);
  expect(half.steps).toBe(1);
  const resumed = await taught({ ...lesson, state: half.state });
  expect(resumed.events.some((event) => event.type === "progress" && event.phase === "look")).toBe(false);
  for (const [name, { data }] of whole.teachable.parameters) {
    expect(resumed.teachable.parameters.get(name)!.data, name).toEqual(data);
  }
  const firstLoss = ({ events }: typeof whole) => events.find((event) => event.type === "step")!.loss;
  const plain = await taught({ ...lesson, settings: { ...own, lookSteps: 0 } }, 1);
  expect(firstLoss(plain)).not.toBeCloseTo(firstLoss(whole), 5);
  const models = { unet: checkpoint.unet, motion };
  const lora = await loadLora(opened(learnedFile("motion-lora", whole.teachable.parameters, own, models, info)));
  expect(lora.kind).toBe("motion-lora");
  await expect(taught({ ...lesson, settings: { ...own, seed: 6 }, state: half.state })).rejects.toThrow(
    /begun with seed 5; now it is 6/,
  );
}, 300_000);

it("gradients of accumulated batches are averaged", async () => {
  const parameters = new Map([["p", { shape: [1], data: Float32Array.of(0) }]]);
  const seen: number[] = [];
  const data = {
    batch: async (number: number) => {
      seen.push(number);
      return { timesteps: [number] } as never;
    },
  };
  const run: ObjectiveRunner["run"] = async ({ timesteps }) => ({
    loss: timesteps[0]!,
    gradients: new Map([["p", Float32Array.of(10 * timesteps[0]!)]]),
  });
  const own = settings({ steps: 2, accumulate: 2 });
  const learningRate = { peak: 0, shape: "constant", warmupSteps: 0 } as const;
  const request = { ...own, parameters, data, optimiser: createOptimiser(own, null), learningRate, from: 0 };
  const steps = [];
  for await (const { loss, gradNorm } of train(request, { run }, new AbortController().signal)) steps.push([loss, gradNorm]);
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(steps).toEqual([
    [0.5, 5],
    [2.5, 25],
  ]);
});
