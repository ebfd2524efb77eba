/** Textual inversion (Gal et al. 2022): a few vectors in the place of token embeddings, called by a word in a prompt. */

import { ZoetropeError } from "../core/errors.ts";
import type { PromptEmbedding } from "../core/prompt/chunks.ts";
import { type ModelFile, modelName } from "./files.ts";
import { weightFiles } from "./folder.ts";
import { openTensors, type TensorRef, type TensorTable } from "./tensors.ts";
import { readFinite } from "./weights.ts";

export interface Embedding {
  /** What the shelf calls it: the file's name, or the token that the file holds where its name is the trainer's. */
  readonly name: string;
  /** At least one, the name among them. */
  readonly words: readonly PromptEmbedding[];
}

/** A1111's names for the vectors, which say nothing about the word: `emb_params`, `string_to_param.*`, `clip_l` in files for SDXL. */
const NAMELESS = /^(emb_params|string_to_param(\.\*)?|clip_[lg]|\*)$/;
/** Diffusers' tokens, unless a trainer was told otherwise. */
const TOKEN = /^<[^>]+>$/;
/** What diffusers' trainer calls every embedding. */
const TRAINERS_NAME = /^learned_embeds\b/;
const WIDTH = 768;
/** One context takes no more tokens, so more vectors could never be used together. */
const MOST_VECTORS = 75;

/** [n, C] or [C], under a name of their own; or a single [n, 768] or [768]. */
export function isEmbedding(table: TensorTable): boolean {
  if ([...table.keys()].some((key) => NAMELESS.test(key) || TOKEN.test(key))) return true;
  const [only, ...others] = table.values();
  return only !== undefined && others.length === 0 && only.info.shape.length <= 2 && only.info.shape.at(-1) === WIDTH;
}

/**
 * The words are the file's name, as in A1111's web UI, and the tokens that the file itself names, as in diffusers.
 * @throws ZoetropeError `embedding/…`; the widths of other families are refused by name
 */
export async function loadEmbedding(files: readonly ModelFile[]): Promise<Embedding> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table } = await openTensors(parts);
  return readEmbedding(table, modelName(files), fileName);
}

/** The vectors of a table that holds one textual inversion. Throws `embedding/…`. */
export async function readEmbedding(table: TensorTable, name: string, fileName: string): Promise<Embedding> {
  refuseOtherFamilies(table, fileName);
  const known = [...table].filter(([key]) => NAMELESS.test(key) || TOKEN.test(key));
  const entries = known.length > 0 ? known : [...table].slice(0, 1);
  if (entries.length === 0) refuseShape([], fileName);
  const read = await Promise.all(entries.map(async ([key, ref]) => ({ key, vectors: await readVectors(ref, fileName) })));
  const tokens = read.filter(({ key }) => !NAMELESS.test(key)).map(({ key, vectors }) => ({ name: key, vectors }));
  const shelfName = tokens.length > 0 && TRAINERS_NAME.test(name) ? tokens[0]!.name : name;
  return { name: shelfName, words: [{ name, vectors: read[0]!.vectors }, ...tokens.filter((token) => token.name !== name)] };
}

async function readVectors(ref: TensorRef, fileName: string): Promise<Float32Array[]> {
  const { shape } = ref.info;
  const [count, width] = shape.length === 1 ? [1, shape[0]!] : shape.length === 2 ? (shape as [number, number]) : [0, 0];
  if (count < 1 || count > MOST_VECTORS || width < 1) refuseShape(shape, fileName);
  const values = await readFinite(ref);
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function refuseShape(shape: readonly number[], fileName: string): never {
  throw new ZoetropeError("embedding/bad-shape", {
    message: `${fileName} holds vectors of the shape [${shape.join(", ")}]; a textual inversion has 1 to ${MOST_VECTORS} vectors, [n, ${WIDTH}].`,
    hint: "The file is damaged or of another kind. Download it again.",
  });
}

function refuseOtherFamilies(table: TensorTable, fileName: string): void {
  const widths = [...table.values()].map(({ info }) => info.shape.at(-1) ?? 0);
  const foreign = widths.find((width) => width === 1024 || width === 1280 || width === 2048);
  if (foreign === undefined) return;
  throw new ZoetropeError("embedding/other-family", {
    message: `${fileName} is a textual inversion for ${foreign === 1024 ? "Stable Diffusion 2.x" : "SDXL"}: its vectors are ${foreign} wide, those of SD 1.x ${WIDTH}.`,
    hint: "Choose a textual inversion trained on SD 1.5.",
  });
}
