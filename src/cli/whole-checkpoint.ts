/** The files that a whole UNet is trained in: a checkpoint of one file, or a diffusers folder, of which only the UNet's file changes. */

import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import type { Parameters } from "../core/training/parameters.ts";
import type { ModelFile } from "../models/files.ts";
import { openTensors, type TensorTable } from "../models/tensors.ts";
import type { FileTensor } from "../runtime/training/file-names.ts";
import { checkpointFile } from "../runtime/training/learned-file.ts";
import { writeOut } from "./output.ts";

export interface WholeCheckpoint {
  /** The tensors of the file that changes. */
  readonly table: TensorTable;
  /** Those of a folder that stay as they are; null: a checkpoint of one file. */
  readonly others: readonly ModelFile[] | null;
}

const UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

/** @throws ZoetropeError `training/checkpoint` for folders whose UNet is in several files or another format */
export async function openWhole(files: readonly ModelFile[]): Promise<WholeCheckpoint> {
  if (files.length === 1) return { table: (await openTensors(files)).table, others: null };
  const weights = files.filter(({ path }) => inFolder(path) === UNET_WEIGHTS);
  if (weights.length !== 1) {
    throw new ZoetropeError("training/checkpoint", {
      message: `A whole UNet can be trained in a folder that has it as ${UNET_WEIGHTS}.`,
      hint: "Name such a folder or a checkpoint of one file with --checkpoint, or train a LoRA.",
    });
  }
  return { table: (await openTensors(weights)).table, others: files.filter((file) => file !== weights[0]) };
}

/** @param out a file, or a folder for a folder */
export async function writeWhole(
  { table, others }: WholeCheckpoint,
  out: string,
  parameters: Parameters,
  names: ReadonlyMap<string, FileTensor>,
): Promise<void> {
  const bytes = await checkpointFile(parameters, names, table);
  if (others === null) return writeOut(out, bytes);
  await writeOut(join(out, UNET_WEIGHTS), bytes);
  for (const { path, source } of others) await writeOut(join(out, inFolder(path)), await source.read(0, source.size));
}

/** @throws ZoetropeError `arguments/out` where a folder has to be named, or a file */
export function checkWholeOut({ others }: WholeCheckpoint, out: string): void {
  const asFile = /\.safetensors$/i.test(out);
  if (asFile === (others === null)) return;
  throw new ZoetropeError("arguments/out", {
    message: asFile ? "This checkpoint is a folder, and so is what --whole makes of it." : "This checkpoint is one file.",
    hint: asFile ? "Name a folder with --out." : "Name a .safetensors file with --out.",
  });
}

/** Without the name of the model's own folder: "mini/unet/config.json" -> "unet/config.json". */
function inFolder(path: string): string {
  return path.replace(/^.*?(?=(?:unet|vae|text_encoder|tokenizer|scheduler|model_index)\b)/, "");
}
