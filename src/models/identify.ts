/**
 * Says what a dropped file or folder is, by its tensors and never by its name, and loads it (headers only), so that whatever
 * is identified can also be used. What cannot be used is named for what it is.
 */

import { ZoetropeError } from "../core/errors.ts";
import { findControl, findMotion, findTextEncoder, findUnet, findVae } from "./anatomy.ts";
import { loadCheckpoint, loadVae } from "./checkpoint.ts";
import { isSparse, loadControlNet, loadSparseCtrl } from "./control/load.ts";
import type { ModelFile } from "./files.ts";
import { modelName } from "./files.ts";
import { byFolder, weightFiles } from "./folder.ts";
import { type Lora, loadLora } from "./lora/load.ts";
import { looksLikeLora } from "./lora/parse.ts";
import { loadMotionModule } from "./motion/load.ts";
import { refuseUnknown } from "./strangers.ts";
import { openTensors, type TensorTable } from "./tensors.ts";
import type { Checkpoint, Component, ControlNet, MotionModule, SparseCtrl, VaeConfig } from "./types.ts";

interface Told {
  readonly name: string;
  /** One line: "AnimateDiff v3 motion module, up to 32 frames". */
  readonly summary: string;
  /** Size of all its files. */
  readonly bytes: number;
}

export type Identified =
  | (Told & { readonly kind: "checkpoint"; readonly model: Checkpoint })
  | (Told & { readonly kind: "motion"; readonly model: MotionModule })
  | (Told & { readonly kind: "lora" | "motion-lora"; readonly model: Lora })
  | (Told & { readonly kind: "vae"; readonly model: Component<VaeConfig> })
  | (Told & { readonly kind: "controlnet"; readonly model: ControlNet })
  | (Told & { readonly kind: "sparsectrl"; readonly model: SparseCtrl })
  | (Told & { readonly kind: "embedding" });

/** @param files one model: a single file, or what `groupFiles` put together. Throws a ZoetropeError that says what else it is. */
export async function identify(files: readonly ModelFile[]): Promise<Identified> {
  const told = { name: modelName(files), bytes: files.reduce((sum, { source }) => sum + source.size, 0) };
  if (byFolder(files).size > 1) return checkpoint(files, told);
  const parts = await weightFiles(files);
  const { table } = await openTensors(parts);
  const fileName = parts[0]!.source.name;
  if (looksLikeLora(table)) {
    const model = await loadLora(files);
    return { ...told, kind: model.kind, model, summary: loraSummary(model) };
  }
  if (findControl(table) !== null) {
    if (isSparse(table)) {
      const model = await loadSparseCtrl(files);
      return {
        ...told,
        kind: "sparsectrl",
        model,
        summary: `SparseCtrl for ${model.config.condition === "rgb" ? "pictures" : "scribbles"}`,
      };
    }
    return { ...told, kind: "controlnet", model: await loadControlNet(files), summary: "ControlNet for SD 1.x" };
  }
  if (findUnet(table) !== null) {
    refuseUnknown(table, fileName, findTextEncoder(table) === null && findVae(table) === null ? "unet-alone" : "checkpoint");
    return checkpoint(files, told);
  }
  if (findMotion(table) !== null) {
    const model = await loadMotionModule(files);
    return { ...told, kind: "motion", model, summary: motionSummary(model) };
  }
  if (findVae(table) !== null) return { ...told, kind: "vae", model: await loadVae(files), summary: "VAE for SD 1.x" };
  if (isEmbedding(table)) return { ...told, kind: "embedding", summary: embeddingSummary(table, fileName) };
  return refuseUnknown(table, fileName, "unknown");
}

async function checkpoint(files: readonly ModelFile[], told: Omit<Told, "summary">): Promise<Identified> {
  const model = await loadCheckpoint(files);
  const missing = [model.textEncoder === null ? "text encoder" : null, model.vae === null ? "VAE" : null].filter(
    (part) => part !== null,
  );
  const without = missing.length === 0 ? "" : `, without ${missing.join(" and ")}`;
  const v = model.defaults.predictionType === "v_prediction" ? ", v-prediction" : "";
  return { ...told, kind: "checkpoint", model, summary: `SD 1.x checkpoint, ${parameters(model)}${v}${without}` };
}

function parameters({ unet }: Checkpoint): string {
  let count = 0;
  for (const key of unet.weights.keys()) count += unet.weights.shape(key).reduce((product, size) => product * size, 1);
  return count >= 1e8 ? `${Math.round(count / 1e6)} M parameters` : `${(count / 1e6).toPrecision(2)} M parameters`;
}

function motionSummary({ config }: MotionModule): string {
  const version = config.version === "lcm" ? "AnimateLCM motion module" : `AnimateDiff ${config.version} motion module`;
  return `${version}, up to ${config.maxFrames} frames`;
}

function loraSummary({ kind, layers }: Lora): string {
  const ranks = [...new Set(layers.map((layer) => layer.rank))].sort((a, b) => a - b);
  const rank = ranks.length === 1 ? `rank ${ranks[0]}` : `ranks ${ranks[0]} to ${ranks.at(-1)}`;
  return `${kind === "motion-lora" ? "motion LoRA" : "LoRA"}, ${rank}, ${layers.length} layers`;
}

const EMBEDDING_KEY = /^(emb_params|string_to_param(\.\*)?|clip_[lg]|<[^>]+>)$/;

/** A textual inversion: a few vectors under a name of its own, or a single [n, 768]. */
function isEmbedding(table: TensorTable): boolean {
  if ([...table.keys()].some((key) => EMBEDDING_KEY.test(key))) return true;
  const [only, ...others] = table.values();
  return only !== undefined && others.length === 0 && only.info.shape.length === 2 && only.info.shape[1] === TEXT_WIDTH;
}

const TEXT_WIDTH = 768;

function embeddingSummary(table: TensorTable, fileName: string): string {
  const widths = [...table.values()].map(({ info }) => info.shape.at(-1) ?? 0);
  const foreign = widths.find((width) => width === 1024 || width === 1280 || width === 2048);
  if (foreign === undefined) return `textual inversion, ${widths[0]} wide`;
  throw new ZoetropeError("embedding/other-family", {
    message: `${fileName} is a textual inversion for ${foreign === 1024 ? "Stable Diffusion 2.x" : "SDXL"}: its vectors are ${foreign} wide, those of SD 1.x ${TEXT_WIDTH}.`,
    hint: "Choose a textual inversion trained on SD 1.5.",
  });
}
