/** Compares single forwards of the kit's models on the open device with the kit's reference tensors (vectors/*.safetensors). */

import type { NormMode } from "../../src/core/settings/render-settings.ts";
import type { TensorFile } from "../../src/formats/tensor-file.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { ShardLayout } from "../../src/graph/shard-layout.ts";
import { packWeights } from "../../src/graph/shards.ts";
import type { GraphStyle } from "../../src/graph/style.ts";
import { buildTextEncoder } from "../../src/graph/text-encoder.ts";
import { buildTextKv } from "../../src/graph/text-kv.ts";
import { buildUnet, timeProjection } from "../../src/graph/unet.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../src/graph/vae.ts";
import { loadCheckpoint } from "../../src/models/checkpoint.ts";
import { loadMotionModule } from "../../src/models/motion/load.ts";
import type { Checkpoint } from "../../src/models/types.ts";
import { type Backend, floatOutput, floats, type Session } from "../../src/runtime/engine/backend.ts";
import { kitFile, kitTensors } from "./kit.ts";

export interface VectorResult {
  readonly name: string;
  readonly relL2: number;
  /** Times of building the graph and packing its weights, of opening sessions, of the run that took longest and of the last run. */
  readonly packMs: number;
  readonly openMs: number;
  readonly longestRunMs: number;
  readonly runMs: number;
}

/** @param name one of the kit's (`image_t981`, `video_v2_original_t501`, `image_small_t501`, …), or `clip`, `decode`, `encode` */
export async function runVector(name: string, backend: Backend, style: GraphStyle): Promise<VectorResult> {
  const checkpoint = await loadCheckpoint([await kitFile("models/tiny-sd15.safetensors")]);
  const bench = new Bench(backend);
  const relL2 = await check(name, checkpoint, style, bench);
  await bench.release();
  return { name, relL2, ...bench.times };
}

function check(name: string, checkpoint: Checkpoint, style: GraphStyle, bench: Bench): Promise<number> {
  if (name === "clip") return checkText(checkpoint, style, bench);
  if (name === "decode" || name === "encode") return checkVae(name, checkpoint, style, bench);
  return checkUnet(name, checkpoint, style, bench);
}

/** Opens and runs sessions and times both. */
class Bench {
  readonly times = { packMs: 0, openMs: 0, longestRunMs: 0, runMs: 0 };
  readonly #backend: Backend;
  readonly #sessions: Session[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async open(graph: Graph): Promise<Session> {
    const start = performance.now();
    const layout = new ShardLayout({ [`vectors-${crypto.randomUUID()}`]: graph.weights });
    for await (const _ of packWeights(graph.weights, layout, this.#backend.store));
    const packed = performance.now();
    const session = await this.#backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
    this.times.packMs += packed - start;
    this.times.openMs += performance.now() - packed;
    this.#sessions.push(session);
    return session;
  }

  async run(session: Session, inputs: Parameters<Session["run"]>[0], output: string): Promise<Float32Array> {
    const start = performance.now();
    const outputs = await session.run(inputs);
    this.times.runMs = performance.now() - start;
    this.times.longestRunMs = Math.max(this.times.longestRunMs, this.times.runMs);
    return floatOutput(outputs, output);
  }

  async release(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }
}

/** Runs batch entry 0 with the negative text and entry 1 with the prompt, as guidance does. */
async function checkUnet(name: string, { unet }: Checkpoint, style: GraphStyle, bench: Bench): Promise<number> {
  const [, kind, small, module, norm, t] = /^(image|video)_(small_)?(?:(v1|v2|v3|lcm)_)?(?:(original|diffusers)_)?t(.+)$/.exec(
    name,
  )!;
  const vectors = await kitTensors("vectors/unet.safetensors");
  const motion = module === undefined ? null : await loadMotionModule([await kitFile(`models/motion-${module}.safetensors`)]);
  const frames = kind === "image" ? 1 : 5;
  const [height, width, tokens] = [12, 10, 77];
  const text = await bench.open(buildTextKv(unet, 1, tokens, style));
  const session = await bench.open(
    buildUnet({
      unet,
      motion,
      frames,
      height,
      width,
      textBatch: 1,
      textTokens: tokens,
      norm: (norm ?? "original") as NormMode,
      style,
      control: false,
      freeNoise: null,
    }),
  );
  const context = await vectors.readFloat32("ctx");
  const sample = (await vectors.readFloat32(`${kind}_sample`)).map((x) => (small === undefined ? x : x * 1e-3));
  const golden = await vectors.readFloat32(name);
  const channels = unet.config.blockOutChannels[0]!;
  const time = floats(timeProjection(Number(t!.replace("_", ".")), channels), [1, channels]);
  const dim = unet.config.crossAttentionDim;
  const each = golden.length / 2;
  const got = new Float32Array(golden.length);
  for (const half of [0, 1]) {
    const embedding = context.slice(half * tokens * dim, (half + 1) * tokens * dim);
    const kv = await text.run({ text: floats(embedding, [1, tokens, dim]) });
    // The kit keeps videos as [4, F, h, w].
    const input = swapAxes(sample.subarray(half * each, (half + 1) * each), 4, frames);
    const output = await bench.run(session, { sample: floats(input, [frames, 4, height, width]), time, ...kv }, "prediction");
    got.set(swapAxes(output, frames, 4), half * each);
  }
  return relativeL2(got, golden);
}

async function checkText({ textEncoder }: Checkpoint, style: GraphStyle, bench: Bench): Promise<number> {
  const vectors = await kitTensors("vectors/clip.safetensors");
  const session = await bench.open(buildTextEncoder(textEncoder!, 1, style));
  const ids = new Int32Array((await vectors.readBytes("ids.2")).slice().buffer);
  const hidden = await bench.run(session, { ids: { type: "int32", shape: [1, ids.length], data: ids } }, "hidden");
  return relativeL2(hidden, await vectors.readFloat32("last_hidden_state.2"));
}

async function checkVae(name: "decode" | "encode", { vae }: Checkpoint, style: GraphStyle, bench: Bench): Promise<number> {
  const vectors = await kitTensors("vectors/vae.safetensors");
  if (name === "encode") {
    const [, , height, width] = shapeOf(vectors, "image");
    const session = await bench.open(buildVaeEncoder(vae!, height, width, style));
    const mean = await bench.run(session, { pixels: floats(await vectors.readFloat32("image"), [1, 3, height, width]) }, "mean");
    return relativeL2(mean, await vectors.readFloat32("mean"));
  }
  const [, , height, width] = shapeOf(vectors, "latent");
  const session = await bench.open(buildVaeDecoder(vae!, height, width, style));
  const latents = (await vectors.readFloat32("latent")).map((z) => z / vae!.config.scalingFactor);
  const pixels = await bench.run(session, { latents: floats(latents, [1, 4, height, width]) }, "pixels");
  return relativeL2(pixels, await vectors.readFloat32("decoded_unscaled"));
}

function shapeOf(file: TensorFile, name: string): [number, number, number, number] {
  return [...file.tensors.get(name)!.shape] as [number, number, number, number];
}

/** [a, b, rest] -> [b, a, rest] */
function swapAxes(data: Float32Array, a: number, b: number): Float32Array {
  const rest = data.length / (a * b);
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) out.set(data.subarray((i * b + j) * rest, (i * b + j + 1) * rest), (j * a + i) * rest);
  return out;
}

/** |a - b|₂ / |b|₂ */
export function relativeL2(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
