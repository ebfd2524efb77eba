/**
 * Loads CLIP's image encoder, which IP-Adapters look through, from files of transformers (`vision_model.…`) and OpenCLIP (`visual.…`).
 * Canonical are transformers' names. Sources: transformers `modeling_clip.py`, open_clip `transformer.py`.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { ConfigJson } from "../config-json.ts";
import type { ModelFile } from "../files.ts";
import { modelName } from "../files.ts";
import { configOf, weightFiles } from "../folder.ts";
import { linearPlaces, normPlaces } from "../sd/unet-layout.ts";
import { openTensors, prefixesOf, type TensorRef, type TensorTable } from "../tensors.ts";
import type { Component } from "../types.ts";
import { fileWeights, missingWeight, type NamedTensor, type Place, takePlaces } from "../weights.ts";

export interface ImageEncoderConfig {
  /** Pixels along the side of the square picture that it sees, and of one patch. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly projectionDim: number;
  readonly activation: "quick_gelu" | "gelu";
  readonly normEps: number;
}

export interface ImageEncoder extends Component<ImageEncoderConfig> {
  readonly name: string;
}

/** Heads of CLIP's image encoders by their width; a file without config.json does not say. ViT-B, L, H, g, bigG. */
const HEADS: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 1280: 16, 1408: 16, 1664: 16 };
const HEAD_SIZE = 64;
/** OpenAI's own encoders, ViT-B and ViT-L, use the quick GELU; OpenCLIP's larger ones the exact one. */
const LARGEST_QUICK = 1024;

/** True for every file that `loadImageEncoder` loads or refuses. */
export function isImageEncoder(table: TensorTable): boolean {
  return prefixesOf(table, PATCHES).length > 0 || table.has("visual.conv1.weight");
}

const PATCHES = "vision_model.embeddings.patch_embedding.weight";

/** @param files a single file, or a folder with its config.json. @throws ZoetropeError `image-encoder/not-one`, `weights/…` */
export async function loadImageEncoder(files: readonly ModelFile[]): Promise<ImageEncoder> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table } = await openTensors(parts);
  if (!isImageEncoder(table)) {
    throw new ZoetropeError("image-encoder/not-one", {
      message: `${fileName} is not a CLIP image encoder.`,
      hint: "Choose the one that the IP-Adapter was trained with: CLIP ViT-H/14 for SD 1.5 (models/image_encoder).",
    });
  }
  const named = table.has("visual.conv1.weight") ? fromOpenClip(table) : whole(withoutPrefix(table));
  const refs = new Map([...named].map(([key, { ref }]) => [key, ref]));
  const json = await configOf(files);
  const found = configFrom(named, fileName);
  const config = json === null ? found : withJson(found, json);
  const places = [...encoderPlaces(config)];
  const projection = named.has(TRANSPOSED) ? TRANSPOSED : "visual_projection.weight";
  const taken = new Map<string, NamedTensor>();
  for (const [key, shape] of places) {
    const tensor = named.get(key) ?? missingWeight(fileName, key);
    if (tensor.range !== undefined) taken.set(key, { ...tensor, shape });
    else if (key === PATCHES) taken.set(key, { ...tensor, shape });
    else for (const [name, checked] of takePlaces(refs, [[key, shape]], fileName)) taken.set(name, checked);
  }
  const { hiddenSize, projectionDim } = config;
  const projected = projection === TRANSPOSED ? [hiddenSize, projectionDim] : [projectionDim, hiddenSize];
  for (const [name, checked] of takePlaces(refs, [[projection, projected]], fileName)) taken.set(name, checked);
  return { name: modelName(files), config, weights: fileWeights(taken, fileName) };
}

/** OpenCLIP stores the projection as [hidden, projection]; transformers the other way round. */
export const TRANSPOSED = "visual_projection_transposed";

function withoutPrefix(table: TensorTable): Map<string, TensorRef> {
  const [prefix = ""] = prefixesOf(table, PATCHES);
  return new Map([...table].flatMap(([key, ref]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), ref] as const] : [])));
}

function whole(table: TensorTable): Map<string, NamedTensor> {
  return new Map([...table].map(([key, ref]) => [key, { ref, shape: ref.info.shape }]));
}

const OPEN_CLIP_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^visual\.conv1\.weight$/, PATCHES],
  [/^visual\.class_embedding$/, "vision_model.embeddings.class_embedding"],
  [/^visual\.positional_embedding$/, "vision_model.embeddings.position_embedding.weight"],
  [/^visual\.ln_pre\./, "vision_model.pre_layrnorm."],
  [/^visual\.ln_post\./, "vision_model.post_layernorm."],
  [/^visual\.proj$/, TRANSPOSED],
  [/^visual\.transformer\.resblocks\.(\d+)\.ln_([12])\./, "vision_model.encoder.layers.$1.layer_norm$2."],
  [/^visual\.transformer\.resblocks\.(\d+)\.attn\.out_proj\./, "vision_model.encoder.layers.$1.self_attn.out_proj."],
  [/^visual\.transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, "vision_model.encoder.layers.$1.mlp.fc1."],
  [/^visual\.transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, "vision_model.encoder.layers.$1.mlp.fc2."],
];

const JOINED = /^visual\.transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/;

/** Queries, keys and values lie in one tensor there, one after another. */
function fromOpenClip(table: TensorTable): Map<string, NamedTensor> {
  const named = new Map<string, NamedTensor>();
  for (const [key, ref] of table) {
    const [, layer, parameter] = JOINED.exec(key) ?? [];
    const rename = OPEN_CLIP_NAMES.find(([pattern]) => pattern.test(key));
    if (layer !== undefined) {
      const [rows = 0, ...rest] = ref.info.shape;
      const elements = (rows / 3) * rest.reduce((a, b) => a * b, 1);
      for (const [i, part] of ["q_proj", "k_proj", "v_proj"].entries()) {
        const range = { begin: i * elements, end: (i + 1) * elements };
        const name = `vision_model.encoder.layers.${layer}.self_attn.${part}.${parameter}`;
        named.set(name, { ref, shape: [rows / 3, ...rest], range });
      }
    } else if (rename !== undefined) named.set(key.replace(...rename), { ref, shape: ref.info.shape });
  }
  return named;
}

function configFrom(named: ReadonlyMap<string, NamedTensor>, fileName: string): ImageEncoderConfig {
  const size = (key: string, dimension: number) => named.get(key)?.shape[dimension] ?? missingWeight(fileName, key);
  const hiddenSize = size(PATCHES, 0);
  const patchSize = size(PATCHES, 2);
  let layers = 0;
  while (named.has(`vision_model.encoder.layers.${layers}.layer_norm1.weight`)) layers++;
  return {
    imageSize: patchSize * Math.round(Math.sqrt(size("vision_model.embeddings.position_embedding.weight", 0) - 1)),
    patchSize,
    hiddenSize,
    intermediateSize: size("vision_model.encoder.layers.0.mlp.fc1.weight", 0),
    layers,
    heads: HEADS[hiddenSize] ?? Math.max(1, Math.floor(hiddenSize / HEAD_SIZE)),
    projectionDim: named.has(TRANSPOSED) ? size(TRANSPOSED, 1) : size("visual_projection.weight", 0),
    activation: hiddenSize > LARGEST_QUICK ? "gelu" : "quick_gelu",
    normEps: 1e-5,
  };
}

function withJson(found: ImageEncoderConfig, json: ConfigJson): ImageEncoderConfig {
  json.mustBe("model_type", "clip_vision_model", "clip");
  // The configuration of a whole CLIP has the encoder's below it; its numbers are those that shapes tell.
  if (json.text("model_type", "clip_vision_model") === "clip") return found;
  const heads = json.number("num_attention_heads", found.heads);
  if (heads < 1 || found.hiddenSize % heads !== 0) json.refuse("num_attention_heads");
  return {
    ...found,
    heads,
    activation: json.oneOf("hidden_act", ["quick_gelu", "gelu"], "quick_gelu"),
    normEps: json.number("layer_norm_eps", 1e-5),
  };
}

/** Every tensor but the projection. A patch's pixels are one row of a linear layer, so the kernel [O, 3, p, p] is taken as [O, 3·p·p]. */
function* encoderPlaces(config: ImageEncoderConfig): Iterable<Place> {
  const { hiddenSize: width, intermediateSize, patchSize, imageSize, layers } = config;
  yield [PATCHES, [width, 3 * patchSize ** 2]];
  yield ["vision_model.embeddings.class_embedding", [width]];
  yield ["vision_model.embeddings.position_embedding.weight", [(imageSize / patchSize) ** 2 + 1, width]];
  yield* normPlaces("vision_model.pre_layrnorm", width);
  for (let i = 0; i < layers; i++) {
    const layer = `vision_model.encoder.layers.${i}`;
    for (const norm of ["layer_norm1", "layer_norm2"]) yield* normPlaces(`${layer}.${norm}`, width);
    for (const name of ["q_proj", "k_proj", "v_proj", "out_proj"])
      yield* linearPlaces(`${layer}.self_attn.${name}`, width, width);
    yield* linearPlaces(`${layer}.mlp.fc1`, intermediateSize, width);
    yield* linearPlaces(`${layer}.mlp.fc2`, width, intermediateSize);
  }
  yield* normPlaces("vision_model.post_layernorm", width);
}
