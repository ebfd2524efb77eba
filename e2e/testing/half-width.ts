/**
 * Writes Stable Diffusion 1.5 and AnimateDiff v3 at half their width: every layer of the real files under its real
 * name, with UNet, VAE and motion module half as wide (the preset "half" of bench/make_synthetic.py) and the text
 * encoder at full width. The weights are noise, small enough for finite results.
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DTYPE_BYTES, fromFloat32 } from "../../src/formats/dtype.ts";
import { type ListedTensor, listed } from "../../src/models/testing/listings.ts";

/** Dimensions below these are not widths: they count colours, latents or frames, and stay. */
const NARROWEST = { unet: 320, vae: 128, motion: 320 } as const;
/** Width of the text encoder, which stays. */
const TEXT_WIDTH = 768;
/** An odd length, so that equal rows do not follow one another. */
const NOISE_VALUES = 65_537;
/** Gain of a weight; a residual branch's last layer has a small one, so that activations stay finite. */
const [GAIN, LAST_GAIN] = [1, 0.35];
const LAST_OF_BRANCH = /(to_out\.0|proj_out|ff\.net\.2|out_layers\.3|conv2)\.weight$/;

/** @returns the paths of the two files */
export function writeHalfWidth(folder: string): { checkpoint: string; motion: string; bytes: number } {
  const checkpoint = join(folder, "half-sd15.safetensors");
  const motion = join(folder, "half-motion-v3.safetensors");
  const bytes = writeFile(checkpoint, listed("sd15").map(halved)) + writeFile(motion, listed("motion-v3").map(halved));
  return { checkpoint, motion, bytes };
}

function halved(tensor: ListedTensor): ListedTensor {
  const { name, shape } = tensor;
  if (name.startsWith("cond_stage_model.")) return tensor;
  const narrowest = name.startsWith("first_stage_model.") ? NARROWEST.vae : NARROWEST.unet;
  return { ...tensor, shape: shape.map((size) => (size >= narrowest && size !== TEXT_WIDTH ? size / 2 : size)) };
}

/** Writes tensor by tensor, so that the file never lies in memory as a whole. */
function writeFile(path: string, tensors: readonly ListedTensor[]): number {
  // Wider types come first, so that every tensor is aligned.
  const ordered = [...tensors].sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  let offset = 0;
  const entries = ordered.map((tensor) => {
    const begin = offset;
    offset += bytesOf(tensor);
    return [tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, offset] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head = Buffer.alloc(8 + 8 * Math.ceil(json.byteLength / 8), " ");
  head.writeBigUInt64LE(BigInt(head.byteLength - 8));
  json.copy(head, 8);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (const tensor of ordered) writeSync(file, values(tensor));
  closeSync(file);
  return head.byteLength + offset;
}

function values(tensor: ListedTensor): Uint8Array {
  const { name, dtype, shape } = tensor;
  const bytes = new Uint8Array(bytesOf(tensor));
  if (dtype === "I64") return bytes;
  const count = shape.reduce((product, size) => product * size, 1);
  const isNorm = shape.length === 1 && name.endsWith(".weight");
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  const gain = LAST_OF_BRANCH.test(name) ? LAST_GAIN : GAIN;
  const [mean, spread] = isNorm ? [1, 0.05] : shape.length === 1 ? [0, 0.02] : [0, gain / Math.sqrt(fanIn)];
  const piece = fromFloat32(
    noise.subarray(0, count).map((value) => mean + spread * value),
    dtype as "F16" | "F32",
  );
  for (let at = 0; at < bytes.byteLength; at += piece.byteLength)
    bytes.set(piece.subarray(0, Math.min(piece.byteLength, bytes.byteLength - at)), at);
  return bytes;
}

function bytesOf({ dtype, shape }: ListedTensor): number {
  return shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype];
}

/** Seeded noise of unit variance: sums of three uniform numbers. */
const noise = (() => {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Float32Array.from({ length: NOISE_VALUES }, () => 2 * (uniform() + uniform() + uniform()));
})();
