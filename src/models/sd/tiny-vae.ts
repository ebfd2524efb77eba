/**
 * TAESD, the tiny autoencoder for SD 1.x: its layers, and the names of its tensors. Files come as the author's (`taesd_decoder`:
 * `1.weight`, `3.conv.0.weight`), as diffusers' AutoencoderTiny (`decoder.layers.0.weight`), or with both halves in one file under
 * prefixes. The author counts the decoder's clamp as layer 0; diffusers does not.
 * Source: madebyollin/taesd `taesd.py`, diffusers `AutoencoderTiny`.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { TensorRef, TensorTable } from "../tensors.ts";
import type { Component, TinyVaeConfig } from "../types.ts";
import { fileWeights, firstStranger, type Place, takePlaces } from "../weights.ts";
import { convPlaces } from "./unet-layout.ts";

/** "bare": a convolution without bias, which follows an upsampling; "downsample" has none either, and stride 2. */
export type TinyLayer = "conv" | "bare" | "relu" | "block" | "upsample" | "downsample";

type Half = "decoder" | "encoder";

const BLOCKS: Readonly<Record<Half, readonly number[]>> = { decoder: [3, 3, 3, 1], encoder: [1, 3, 3, 3] };

/** The layers of a half in diffusers' numbering. */
export function tinyLayers(half: Half): readonly TinyLayer[] {
  const [between, start]: TinyLayer[][] =
    half === "decoder"
      ? [
          ["upsample", "bare"],
          ["conv", "relu"],
        ]
      : [["downsample"], ["conv"]];
  const levels = BLOCKS[half].map((count, level): TinyLayer[] => [
    ...(level === 0 ? start! : between!),
    ...Array<TinyLayer>(count).fill("block"),
  ]);
  return [...levels.flat(), "conv"];
}

/** Null if the table holds no TAESD. @throws ZoetropeError where it holds one that cannot be used */
export function loadTinyVae(table: TensorTable, fileName: string): Component<TinyVaeConfig> | null {
  const named = canonicalTinyVae(table);
  const first = named.get("decoder.layers.0.weight");
  if (first === undefined) return named.has("encoder.layers.0.weight") ? refuseEncoderAlone(fileName) : null;
  const [width, latentChannels] = first.info.shape as [number, number];
  if (latentChannels !== 4) {
    throw new ZoetropeError("vae/other-family", {
      message: `${fileName} is a tiny VAE with ${latentChannels} latent channels; Stable Diffusion 1.x has 4.`,
      hint: "Choose TAESD for SD 1.x (taesd_decoder), not the one for SD 3, Flux or a video model.",
    });
  }
  const encodes = named.has("encoder.layers.0.weight");
  const config: TinyVaeConfig = {
    kind: "tiny",
    latentChannels,
    blockOutChannels: BLOCKS.decoder.map(() => width),
    encodes,
    scalingFactor: 1,
  };
  const places = [...tinyPlaces("decoder", width), ...(encodes ? tinyPlaces("encoder", width) : [])];
  const taken = takePlaces(named, places, fileName);
  const stranger = firstStranger(named, taken, /^(decoder|encoder)\./);
  if (stranger !== null) {
    throw new ZoetropeError("model/unknown-layer", {
      message: `${fileName} has a layer that TAESD does not: "${stranger.info.name}".`,
      hint: "Choose TAESD for SD 1.x as its author or diffusers has it.",
    });
  }
  return { config, weights: fileWeights(taken, fileName) };
}

/** True for every file that `loadTinyVae` loads or refuses. */
export function isTinyVae(table: TensorTable): boolean {
  const named = canonicalTinyVae(table);
  return named.has("decoder.layers.0.weight") || named.has("encoder.layers.0.weight");
}

const UNDER_PREFIX = /^(?:.*\.)?(?:taesd_)?(decoder|encoder)\.(layers\.)?(\d+)\.(.+)$/;
const BARE = /^(\d+)\.(.+)$/;

/** Names as in diffusers; empty where the file is something else. */
function canonicalTinyVae(table: TensorTable): Map<string, TensorRef> {
  const named = new Map<string, TensorRef>();
  const alone = halfAlone(table);
  for (const [key, ref] of table) {
    const [, half, layers, number, rest] = UNDER_PREFIX.exec(key) ?? [];
    const bare = alone === null ? null : BARE.exec(key);
    if (half !== undefined) named.set(nameOf(half as Half, layers !== undefined, number!, rest!), ref);
    else if (bare !== null) named.set(nameOf(alone!, false, bare[1]!, bare[2]!), ref);
  }
  const tiny = ["decoder.layers.2.conv.0.weight", "encoder.layers.1.conv.0.weight"].some((key) => named.has(key));
  return tiny ? named : new Map();
}

function nameOf(half: Half, diffusers: boolean, number: string, rest: string): string {
  const layer = half === "decoder" && !diffusers ? Number(number) - 1 : Number(number);
  return `${half}.layers.${layer}.${rest}`;
}

/** The half that a file without prefixes is: an encoder begins with three colours at layer 0, a decoder with the clamp. */
function halfAlone(table: TensorTable): Half | null {
  if (table.has("0.weight")) return table.has("1.conv.0.weight") ? "encoder" : null;
  return table.has("1.weight") && table.has("3.conv.0.weight") ? "decoder" : null;
}

function* tinyPlaces(half: Half, width: number): Iterable<Place> {
  const layers = tinyLayers(half);
  const [input, output] = half === "decoder" ? [4, 3] : [3, 4];
  for (const [n, kind] of layers.entries()) {
    const path = `${half}.layers.${n}`;
    if (kind === "conv") yield* convPlaces(path, n === 0 ? width : output, n === 0 ? input : width, 3);
    if (kind === "bare" || kind === "downsample") yield [`${path}.weight`, [width, width, 3, 3]];
    if (kind === "block") for (const inner of [0, 2, 4]) yield* convPlaces(`${path}.conv.${inner}`, width, width, 3);
  }
}

function refuseEncoderAlone(fileName: string): never {
  throw new ZoetropeError("vae/encoder-alone", {
    message: `${fileName} is the encoder of a tiny VAE (TAESD); frames are decoded with its decoder.`,
    hint: "Choose taesd_decoder, or diffusers' file, which holds both.",
  });
}
