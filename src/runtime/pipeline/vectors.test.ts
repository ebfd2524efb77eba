/** Compares single forwards of each network with diffusers' and transformers' numbers, through onnxruntime on the processor. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numbers } from "../../core/testing/fixtures.ts";
import type { Graph } from "../../graph/graph.ts";
import { temporalPositions } from "../../graph/motion.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { packWeights } from "../../graph/shards.ts";
import type { GraphStyle } from "../../graph/style.ts";
import { buildTextEncoder } from "../../graph/text-encoder.ts";
import { buildTextKv } from "../../graph/text-kv.ts";
import { buildTinyVaeDecoder, buildTinyVaeEncoder } from "../../graph/tiny-vae.ts";
import { buildUnet, timeProjection } from "../../graph/unet.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../graph/vae.ts";
import { loadCheckpoint, loadVae } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { scattered, tinyFile } from "../../models/testing/tiny-files.ts";
import { tinyVaeTensors } from "../../models/testing/tiny-vae.ts";
import type { Checkpoint, Component, TinyVaeConfig } from "../../models/types.ts";
import { type Backend, floatOutput, floats, type Session } from "../engine/backend.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModel, kitTensors, relL2 } from "../testing/parity-kit.ts";

const STYLES = [
  { precision: "fp32", attention: "fused" },
  { precision: "fp32", attention: "plain" },
] as const;
/** Transformers run in chunks of one frame, or one latent place, at a time. */
const CHUNKED = { precision: "fp32", attention: "fused", maxHidden: 1 } as const;

let backend: Backend;
let checkpoint: Checkpoint;
let packed = 0;

beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
  checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
});
afterAll(() => backend.dispose());

async function open(graph: Graph): Promise<Session> {
  const layout = new ShardLayout({ [`test${packed++}`]: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  return backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
}

describe.each(STYLES)("at $precision with $attention attention", (style) => {
  it("the UNet predicts what diffusers' does, at whole and fractional timesteps", async () => {
    const vectors = await kitTensors("vectors/unet.safetensors");
    const session = await open(unet(null, "original", style, 1));
    const kv = await open(buildTextKv(checkpoint.unet, 1, 77, style));
    const text = await vectors.readFloat32("ctx");
    const sample = await vectors.readFloat32("image_sample");
    for (const [name, timestep, scale, limit] of [
      ["image_t981", 981, 1, 2e-6],
      ["image_t333_5", 333.5, 1, 2e-6],
      ["image_t1", 1, 1, 2e-6],
      // A thousandth of the signal shows the norms' epsilons: a wrong one costs 1e-4 and more.
      ["image_small_t501", 501, 1e-3, 3e-5],
    ] as const) {
      const golden = await vectors.readFloat32(name);
      const half = sample.length / 2;
      for (const b of [0, 1]) {
        const texts = await kv.run({ text: floats(text.slice(b * 77 * 64, (b + 1) * 77 * 64), [1, 77, 64]) });
        const input = sample.slice(b * half, (b + 1) * half).map((x) => x * scale);
        const time = floats(timeProjection(timestep, 32), [1, 32]);
        const outputs = await session.run({ sample: floats(input, [1, 4, 12, 10]), time, ...texts });
        const error = relL2(floatOutput(outputs, "prediction"), golden.slice(b * half, (b + 1) * half));
        expect(error, `${name}, half ${b}`).toBeLessThan(limit);
      }
    }
  });

  it("the VAE encodes and decodes what diffusers' does", async () => {
    const vectors = await kitTensors("vectors/vae.safetensors");
    const encoder = await open(buildVaeEncoder(checkpoint.vae!, 72, 88, style));
    const decoder = await open(buildVaeDecoder(checkpoint.vae!, 9, 11, style));
    const image = await vectors.readFloat32("image");
    const encoded = await encoder.run({ pixels: floats(image, [1, 3, 72, 88]) });
    expect(relL2(floatOutput(encoded, "mean"), await vectors.readFloat32("mean"))).toBeLessThan(5e-6);
    expect(relL2(floatOutput(encoded, "logvar"), await vectors.readFloat32("logvar"))).toBeLessThan(5e-6);
    const small = await encoder.run({
      pixels: floats(
        image.map((x) => x * 1e-3),
        [1, 3, 72, 88],
      ),
    });
    // A wrong epsilon costs 0.29 here; 4e-5 is what rounding costs.
    expect(relL2(floatOutput(small, "mean"), await vectors.readFloat32("small_mean"))).toBeLessThan(1e-4);
    const latent = await vectors.readFloat32("latent");
    const scaled = await decoder.run({
      latents: floats(
        latent.map((z) => z / 0.18215),
        [1, 4, 9, 11],
      ),
    });
    expect(relL2(floatOutput(scaled, "pixels"), await vectors.readFloat32("decoded_unscaled"))).toBeLessThan(5e-6);
    const faint = await decoder.run({
      latents: floats(
        latent.map((z) => z * 1e-3),
        [1, 4, 9, 11],
      ),
    });
    expect(relL2(floatOutput(faint, "pixels"), await vectors.readFloat32("small_decoded"))).toBeLessThan(1e-5);
  });

  it("TAESD encodes and decodes what diffusers' AutoencoderTiny does", async () => {
    const vae = (await loadVae([tinyFile("taesd.safetensors", tinyVaeTensors(4))])) as Component<TinyVaeConfig>;
    const decoder = await open(buildTinyVaeDecoder(vae, 3, 2, style));
    const encoder = await open(buildTinyVaeEncoder(vae, 24, 16, style));
    const latents = scattered("latents", [1, 4, 3, 2]).map((z) => 4 * z);
    const decoded = await decoder.run({ latents: floats(latents, [1, 4, 3, 2]) });
    expect(relL2(floatOutput(decoded, "pixels"), numbers("tiny_vae.decoded"))).toBeLessThan(5e-6);
    const pixels = scattered("pixels", [1, 3, 24, 16]).map((x) => 2 * x);
    const encoded = await encoder.run({ pixels: floats(pixels, [1, 3, 24, 16]) });
    expect(relL2(floatOutput(encoded, "mean"), numbers("tiny_vae.encoded"))).toBeLessThan(5e-6);
  });

  it("the text encoder gives transformers' hidden states", async () => {
    const vectors = await kitTensors("vectors/clip.safetensors");
    const session = await open(buildTextEncoder(checkpoint.textEncoder!, 1, style));
    for (let i = 0; i < 7; i++) {
      const ids = new Int32Array((await vectors.readBytes(`ids.${i}`)).slice().buffer);
      const outputs = await session.run({ ids: { type: "int32", shape: [1, 77], data: ids } });
      expect(relL2(floatOutput(outputs, "hidden"), await vectors.readFloat32(`last_hidden_state.${i}`))).toBeLessThan(2e-6);
    }
  });
});

it.each(["v1", "v2", "v3", "lcm"])("motion module %s animates as AnimateDiff's and as diffusers' does", async (version) => {
  const vectors = await kitTensors("vectors/unet.safetensors");
  const motion = await loadMotionModule(kitModel(`motion-${version}.safetensors`));
  const kv = await open(buildTextKv(checkpoint.unet, 1, 77, STYLES[0]));
  const text = await vectors.readFloat32("ctx");
  const sample = await vectors.readFloat32("video_sample"); // [2, 4, 5, 12, 10]
  for (const [norm, style] of [
    ["original", STYLES[0]],
    ["diffusers", STYLES[0]],
    ["original", CHUNKED],
  ] as const) {
    const golden = await vectors.readFloat32(`video_${version}_${norm}_t501`);
    const session = await open(unet(motion, norm, style, 5));
    for (const b of [0, 1]) {
      const texts = await kv.run({ text: floats(text.slice(b * 77 * 64, (b + 1) * 77 * 64), [1, 77, 64]) });
      const time = floats(timeProjection(501, 32), [1, 32]);
      const outputs = await session.run({ sample: floats(framesFirst(sample, b), [5, 4, 12, 10]), time, ...texts });
      expect(relL2(floatOutput(outputs, "prediction"), framesFirst(golden, b)), `${norm}, half ${b}`).toBeLessThan(3e-6);
    }
  }
});

it.each(["fp16", "q8"] as const)(
  "computing in fp16 with %s weights, the UNet predicts the same but for rounding",
  async (precision) => {
    const vectors = await kitTensors("vectors/unet.safetensors");
    const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
    const sample = framesFirst(await vectors.readFloat32("video_sample"), 0);
    const golden = framesFirst(await vectors.readFloat32("video_v3_original_t501"), 0);
    const kv = await open(buildTextKv(checkpoint.unet, 1, 77, STYLES[0]));
    const texts = await kv.run({ text: floats((await vectors.readFloat32("ctx")).slice(0, 77 * 64), [1, 77, 64]) });
    const inputs = { sample: floats(sample, [5, 4, 12, 10]), time: floats(timeProjection(501, 32), [1, 32]), ...texts };
    const predict = async (style: GraphStyle) =>
      floatOutput(await (await open(unet(motion, "original", style, 5))).run(inputs), "prediction");
    // 8 bits cost this random network 4.5 %; fp16 adds its own rounding to that, and nothing more.
    const quantisation = relL2(await predict({ precision, attention: "fused" }), golden);
    for (const attention of ["fused", "plain"] as const) {
      const error = relL2(await predict({ precision, attention, compute: "float16" }), golden);
      expect(error, attention).toBeLessThan(1.05 * quantisation + 3e-3);
      expect(error, attention).toBeGreaterThan(1e-3);
    }
  },
);

it("temporal positions are the references' tables", async () => {
  const tables = await kitTensors("vectors/pe.safetensors");
  for (const [name, { shape }] of tables.tensors) {
    const expected = await tables.readFloat32(name);
    const actual = temporalPositions(shape[0]!, shape[1]!);
    // The references compute in fp32: at position 63 an angle is good to 4e-6.
    for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!), `${name}[${i}]`).toBeLessThan(6e-6);
  }
});

function unet(
  motion: Awaited<ReturnType<typeof loadMotionModule>> | null,
  norm: "original" | "diffusers",
  style: GraphStyle,
  frames: number,
) {
  const shape = { frames, height: 12, width: 10, textBatch: 1, textTokens: 77 };
  return buildUnet({ ...shape, unet: checkpoint.unet, motion, norm, style, control: false, freeNoise: null });
}

/** One half of [2, 4, 5, 12, 10] as [5, 4, 12, 10]. */
function framesFirst(video: Float32Array, half: number): Float32Array {
  const [channels, frames, area] = [4, 5, 120];
  const out = new Float32Array(channels * frames * area);
  for (let c = 0; c < channels; c++) {
    for (let f = 0; f < frames; f++) {
      const from = ((half * channels + c) * frames + f) * area;
      out.set(video.subarray(from, from + area), (f * channels + c) * area);
    }
  }
  return out;
}
