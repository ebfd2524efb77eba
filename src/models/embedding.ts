/** Textual inversion (Gal et al. 2022): a few vectors in the place of token embeddings, called by the name of their file. */

import { ZoetropeError } from "../core/errors.ts";
import { type ModelFile, modelName } from "./files.ts";
import { weightFiles } from "./folder.ts";
import { openTensors, type TensorTable } from "./tensors.ts";
import { readFinite } from "./weights.ts";

export interface Embedding {
  /** The word in a prompt that stands for the vectors. */
  readonly name: string;
  /** One per token, each as wide as the text encoder. */
  readonly vectors: readonly Float32Array[];
}

/** A1111's, then diffusers' names for the vectors: `emb_params`, `string_to_param.*`, `<name>`. */
const KEY = /^(emb_params|string_to_param(\.\*)?|clip_[lg]|\*|<[^>]+>)$/;
const WIDTH = 768;
/** One context takes no more tokens, so more vectors could never be used together. */
const MOST_VECTORS = 75;

/** [n, C] or [C], under a name of their own; or a single [n, 768]. */
export function isEmbedding(table: TensorTable): boolean {
  if ([...table.keys()].some((key) => KEY.test(key))) return true;
  const [only, ...others] = table.values();
  return only !== undefined && others.length === 0 && only.info.shape.length === 2 && only.info.shape[1] === WIDTH;
}

/** Throws `embedding/…`; the widths of other families are refused by name. */
export async function loadEmbedding(files: readonly ModelFile[]): Promise<Embedding> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table } = await openTensors(parts);
  return readEmbedding(table, modelName(files), fileName);
}

/** The vectors of a table that holds one textual inversion. Throws `embedding/…`. */
export async function readEmbedding(table: TensorTable, name: string, fileName: string): Promise<Embedding> {
  refuseOtherFamilies(table, fileName);
  const ref = [...table].find(([key]) => KEY.test(key))?.[1] ?? [...table.values()][0];
  const shape = ref?.info.shape ?? [];
  const [count, width] = shape.length === 1 ? [1, shape[0]!] : shape.length === 2 ? (shape as [number, number]) : [0, 0];
  if (ref === undefined || count < 1 || count > MOST_VECTORS || width < 1) {
    throw new ZoetropeError("embedding/bad-shape", {
      message: `${fileName} holds vectors of the shape [${shape.join(", ")}]; a textual inversion has 1 to ${MOST_VECTORS} vectors, [n, ${WIDTH}].`,
      hint: "The file is damaged or of another kind. Download it again.",
    });
  }
  const values = await readFinite(ref);
  return {
    name,
    vectors: Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width)),
  };
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
