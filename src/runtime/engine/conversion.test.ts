/** Conversion through the engine on Node: existing shards are kept, interrupted conversions resume, and workers make the same bytes. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { ZoetropeError } from "../../core/errors.ts";
import { blockQuantised } from "../../graph/encodings.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { encodeHere, packWeights, type ShardSink } from "../../graph/shards.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { createNodeBackend } from "../node/backend.ts";
import { nodeEncodePool } from "../node/encode-workers.ts";
import { kitModel } from "../testing/parity-kit.ts";
import type { Backend } from "./backend.ts";
import { Engine } from "./engine.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
let backend: Backend;
beforeEach(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterEach(() => backend.dispose());

async function models(motion: string, vaeKey = "vae"): Promise<ModelSet> {
  const choice = {
    checkpoint,
    motion: await loadMotionModule(kitModel(motion)),
    vae: null,
    loras: [],
    controls: [],
    preview: null,
    keys: { unet: "unet", text: "text", vae: vaeKey, motion: motion.replace(/\W/g, "_") },
  };
  return composeModels(choice).models;
}

async function convertedBytes(set: ModelSet): Promise<number> {
  let bytes = 0;
  for await (const { totalBytes } of new Engine(backend, 0).prepare(set, "q8")) bytes = totalBytes;
  return bytes;
}

it("another motion module or VAE converts that alone, and the same models convert nothing", async () => {
  const all = await convertedBytes(await models("motion-v3.safetensors"));
  expect(await convertedBytes(await models("motion-v3.safetensors"))).toBe(0);
  const motion = await convertedBytes(await models("motion-v2.safetensors"));
  const vae = await convertedBytes(await models("motion-v2.safetensors", "vae2"));
  expect(motion).toBeGreaterThan(0);
  expect(vae).toBeGreaterThan(0);
  expect(motion + vae).toBeLessThan(0.7 * all);
});

it("an interrupted conversion resumes with the missing shards", async () => {
  const set = await models("motion-v3.safetensors");
  const all = await convertedBytes(set);
  const names = (await backend.store.names()).filter((name) => name.startsWith("motion"));
  await backend.store.remove(names[0]!);
  const rest = await convertedBytes(set);
  expect(rest).toBeGreaterThan(0);
  expect(rest).toBeLessThan(0.6 * all);
});

it("only the missing shards are written, with the bytes they have in a whole conversion", async () => {
  const uses = ["a", "b", "c", "d"].map((key) => ({
    key,
    shape: [4096, 8192],
    encoding: blockQuantised(8),
    source: constant(key),
  }));
  const layout = new ShardLayout({ big: uses });
  expect(layout.shards.size).toBe(2);
  const last = [...layout.shards.keys()].at(-1)!;
  const whole = recording();
  for await (const _ of packWeights(uses, layout, whole.sink));
  const part = recording();
  for await (const _ of packWeights(uses, layout, part.sink, encodeHere, new Set([last])));
  expect([...whole.bytes.keys()]).toEqual([...layout.shards.keys()]);
  expect([...part.bytes]).toEqual([[last, whole.bytes.get(last)]]);
});

it("workers encode the same bytes as this thread does, and their errors name the tensor", async () => {
  const pool = nodeEncodePool();
  try {
    const key = [...checkpoint.unet.weights.keys()].find((k) => k.endsWith("ff.net.0.proj.weight"))!;
    const shape = checkpoint.unet.weights.shape(key);
    const use = { source: checkpoint.unet.weights, key, shape, encoding: blockQuantised(8) };
    expect((await pool.encode(use)).map((b) => [...b])).toEqual((await encodeHere.encode(use)).map((b) => [...b]));
    const damaged = {
      ...checkpoint.unet.weights,
      stored: async () => ({
        bytes: new Uint8Array(shape.reduce((a, b) => a * b, 2)).fill(0xff),
        dtype: "F16" as const,
        tensorName: "bad",
        fileName: "f.safetensors",
        changes: [],
      }),
    };
    const error = await pool.encode({ ...use, source: damaged }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ZoetropeError);
    expect(error).toMatchObject({ code: "weights/not-finite" });
  } finally {
    pool.close();
  }
});

function constant(key: string) {
  const shape = [4096, 8192];
  return {
    has: () => true,
    shape: () => shape,
    keys: () => [key],
    read: async () => new Float32Array(shape[0]! * shape[1]!).fill(key.charCodeAt(0)),
  };
}

/** Records the lengths and sums of the shards that are written. */
function recording(): { sink: ShardSink; bytes: Map<string, { length: number; sum: number }> } {
  const bytes = new Map<string, { length: number; sum: number }>();
  const sink: ShardSink = {
    open: async (name) => {
      const entry = { length: 0, sum: 0 };
      bytes.set(name, entry);
      return {
        write: async (data) => {
          entry.length += data.byteLength;
          for (let i = 0; i < data.length; i += 997) entry.sum += data[i]!;
        },
        close: async () => undefined,
      };
    },
  };
  return { sink, bytes };
}
