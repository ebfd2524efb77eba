/**
 * Which weights each part of a model packs into its shards. They follow from its graphs at any size, because which weights a
 * graph uses does not depend on the picture.
 */

import { buildControl, buildHint } from "../../graph/control.ts";
import { motionWeights } from "../../graph/motion.ts";
import type { GraphStyle } from "../../graph/style.ts";
import { buildTextEncoder } from "../../graph/text-encoder.ts";
import { buildTextKv } from "../../graph/text-kv.ts";
import { buildUnet, type UnetShape } from "../../graph/unet.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../graph/vae.ts";
import type { WeightUse } from "../../graph/weight-use.ts";
import type { ControlPart, ModelSet } from "../compose/model-set.ts";

/** The parts of a model that are to be packed; what is absent is left alone. */
export type ModelParts = Partial<Pick<ModelSet, "text" | "unet" | "vae" | "motion" | "controls">> & {
  readonly encoder?: ModelSet["vae"];
};

/** Weights of one part as its graphs want them stored. */
export interface PackedPart {
  readonly name: string;
  readonly uses: readonly WeightUse[];
}

/** The smallest picture a UNet takes; which weights a graph uses does not depend on the picture. */
const NOMINAL: UnetShape = { frames: 1, height: 8, width: 8, textBatch: 1, textTokens: 77 };

export function canonicalParts({ text, unet, vae, motion, controls, encoder }: ModelParts, style: GraphStyle): PackedPart[] {
  return [
    ...(text ? canonicalText(text, style) : []),
    ...(unet ? [...canonicalUnet(unet, style), ...canonicalTextKv(unet, style)] : []),
    ...(motion ? canonicalMotion(motion, style) : []),
    ...(vae ? canonicalDecoder(vae, style) : []),
    ...(encoder ? canonicalEncoder(encoder, style) : []),
    ...(controls ?? []).flatMap((control) => canonicalControl(control, style)),
  ];
}

export function canonicalText(text: ModelSet["text"], style: GraphStyle): PackedPart[] {
  return [packed(text, style, buildTextEncoder(text, 1, style).weights)];
}

export function canonicalUnet(unet: ModelSet["unet"], style: GraphStyle): PackedPart[] {
  return [
    packed(
      unet,
      style,
      buildUnet({ ...NOMINAL, unet, motion: null, norm: "original", style, control: false, freeNoise: null }).weights,
    ),
  ];
}

/** The UNet's weights of text keys and values, apart: they run once per prompt, in a session of their own. */
export function canonicalTextKv(unet: ModelSet["unet"], style: GraphStyle): PackedPart[] {
  return [packed({ key: `${unet.key}-kv` }, style, buildTextKv(unet, 1, 77, style).weights)];
}

export function canonicalMotion(motion: ModelSet["motion"], style: GraphStyle): PackedPart[] {
  return motion === null ? [] : [packed(motion, style, motionWeights(motion, style))];
}

export function canonicalDecoder(vae: ModelSet["vae"], style: GraphStyle): PackedPart[] {
  return [packed(vae, style, buildVaeDecoder(vae, NOMINAL.height, NOMINAL.width, style).weights)];
}

/** Apart from the decoder: most renderings start from noise and never need it. */
export function canonicalEncoder(vae: ModelSet["vae"], style: GraphStyle): PackedPart[] {
  const part = { key: `${vae.key}-encoder` };
  return [packed(part, style, buildVaeEncoder(vae, 8 * NOMINAL.height, 8 * NOMINAL.width, style).weights)];
}

/** The control network's own weights, its hint network's, and those of its text keys and values. */
export function canonicalControl(control: ControlPart, style: GraphStyle): PackedPart[] {
  const graphs = [
    buildControl(control, NOMINAL, "original", style),
    buildHint(control, NOMINAL, style),
    buildTextKv({ config: control.unet, weights: control.weights }, 1, 77, style),
  ];
  return [
    packed(
      control,
      style,
      graphs.flatMap((graph) => graph.weights),
    ),
  ];
}

/** The key of the part that a shard belongs to, what is packed apart from it included. */
export function partKeyOf(shard: string): string {
  return shard.replace(/(-kv|-encoder)?-(fp32|fp16|q8|q4)-[0-9a-f]{8}-\d+\.bin$/, "");
}

function packed({ key }: { readonly key: string }, style: GraphStyle, uses: readonly WeightUse[]): PackedPart {
  return { name: `${key}-${style.precision}`, uses };
}
