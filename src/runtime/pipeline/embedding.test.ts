/** Textual inversion through onnxruntime, compared with words that have the same vectors in the token table. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import type { Checkpoint } from "../../models/types.ts";
import { composeModels } from "../compose/compose.ts";
import { Engine } from "../engine/engine.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel } from "../testing/parity-kit.ts";
import { createJob } from "./job.ts";
import { askedRung } from "./precision-ladder.ts";
import { encodePrompts } from "./text.ts";

const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let checkpoint: Checkpoint;
/** Rows of the token table [49408, C]. */
let table: Float32Array;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 1e9);
  checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  table = await checkpoint.textEncoder!.weights.read("text_model.embeddings.token_embedding.weight");
});
afterAll(() => engine.backend.dispose());

/** The vectors that a text's tokens have in the table. */
function vectorsOf(text: string): Float32Array[] {
  const width = checkpoint.textEncoder!.config.hiddenSize;
  return tokenizer.encode(text).map((id) => table.slice(id * width, (id + 1) * width));
}

function modelsWith(words: { name: string; vectors: Float32Array[] }[]) {
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const embeddings = words.map((word) => ({ name: word.name, words: [word] }));
  return composeModels({ checkpoint, motion: null, vae: null, loras: [], controls: [], preview: null, keys, embeddings });
}

async function encode(prompt: string, negative: string, embeddings: { name: string; vectors: Float32Array[] }[]) {
  const { models } = modelsWith(embeddings);
  const settings: RenderSettings = {
    ...defaultSettings(),
    ...{ prompt, negative, frames: 1, steps: 1, cfgScale: 7, clipSkip: 1, precision: "fp32", seed: 0, width: 64, height: 64 },
    ...{ promptSyntax: "a1111", longPrompts: "chunk" },
  };
  for await (const _ of engine.prepare({ text: models.text }, "fp32"));
  const request = { settings, models, initLatents: null, initVideo: null, controls: [], decodeTile: null };
  const job = createJob(request, { engine, tokenizer, signal: new AbortController().signal });
  const { cond, uncond } = (await encodePrompts(job, askedRung(job))).stages[0]!;
  return { cond: cond.data, uncond: uncond!.data };
}

it("a word that stands for the vectors of other words says exactly what those say, weights and negatives included", async () => {
  const embeddings = [{ name: "redball", vectors: vectorsOf("red ball") }];
  const called = await encode("a photo of a (redball:1.3), bright", "blurry redball", embeddings);
  const written = await encode("a photo of a (red ball:1.3), bright", "blurry red ball", []);
  expect(called.cond).toEqual(written.cond);
  expect(called.uncond).toEqual(written.uncond);
  const uncalled = await encode("a photo of a (redball:1.3), bright", "blurry redball", []);
  expect(called.cond).not.toEqual(uncalled.cond);
});

it("of two names that both match, the longer is called", async () => {
  const embeddings = [
    { name: "sks", vectors: vectorsOf("cat") },
    { name: "sks-style", vectors: vectorsOf("oil painting") },
  ];
  const called = await encode("a sks, sks-style", "", embeddings);
  expect(called.cond).toEqual((await encode("a cat, oil painting", "", [])).cond);
});

it("the vectors of one word stay in one chunk", async () => {
  const words = new Array(73).fill("cat").join(" ");
  const called = await encode(`${words} redball cat`, "", [{ name: "redball", vectors: vectorsOf("red shiny ball") }]);
  expect(called.cond).toEqual((await encode(`${words} BREAK red shiny ball cat`, "", [])).cond);
});

it("vectors of another text encoder's width are left out with a notice", () => {
  const { models, notices } = modelsWith([{ name: "wide", vectors: [new Float32Array(768)] }]);
  expect(models.embeddings).toEqual([]);
  expect(notices[0]).toMatch(/wide: this textual inversion was left out, its vectors are 768 wide and the text encoder \d+\./);
});
