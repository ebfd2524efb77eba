/**
 * Identifies a dropped file or folder by its tensors, never by its name, and loads it (headers only), so that everything that is
 * identified can also be used. Files that cannot be used are refused with a sentence that says what they are.
 */

import type { About } from "../core/about.ts";
import { aboutOf, NOTHING_KNOWN } from "./about.ts";
import { findControl, findMotion, findTextEncoder, findUnet, findVae } from "./anatomy.ts";
import { loadCheckpoint, loadVae } from "./checkpoint.ts";
import { isSparse, loadControlNet, loadSparseCtrl } from "./control/load.ts";
import { isT2iAdapter, loadT2iAdapter, type T2iAdapter } from "./control/t2i-adapter.ts";
import { type Embedding, isEmbedding, loadEmbedding } from "./embedding.ts";
import type { ModelFile } from "./files.ts";
import { isOnnx, modelName } from "./files.ts";
import { byFolder, weightFiles } from "./folder.ts";
import { type ImageEncoder, isImageEncoder, loadImageEncoder } from "./ip-adapter/image-encoder.ts";
import { type IpAdapter, isIpAdapter, loadIpAdapter } from "./ip-adapter/load.ts";
import { type Lora, loadLora } from "./lora/load.ts";
import { looksLikeLora } from "./lora/parse.ts";
import { summariseLora } from "./lora/summary.ts";
import { loadMotionModule } from "./motion/load.ts";
import { parameterCount } from "./parameter-count.ts";
import { loadPictureModel, type PictureModel } from "./picture-model.ts";
import { isTinyVae } from "./sd/tiny-vae.ts";
import { refuseUnknown } from "./strangers.ts";
import { openTensors } from "./tensors.ts";
import { isTunedClip, loadTunedClip, type TunedClip } from "./tuned-clip.ts";
import type { Checkpoint, Component, ControlNet, MotionModule, SparseCtrl, VaeConfig } from "./types.ts";
import { isUpscaler, loadUpscaler, type UpscalerNetwork } from "./upscaler/load.ts";

interface Common {
  readonly name: string;
  /** One line: "AnimateDiff v3 motion module, up to 32 frames". */
  readonly summary: string;
  /** Size of all its files. */
  readonly bytes: number;
  readonly about: About;
}

export type Identified =
  | (Common & { readonly kind: "checkpoint"; readonly model: Checkpoint })
  | (Common & { readonly kind: "motion"; readonly model: MotionModule })
  | (Common & { readonly kind: "tuned-clip"; readonly model: TunedClip })
  | (Common & { readonly kind: "lora" | "motion-lora"; readonly model: Lora })
  | (Common & { readonly kind: "vae"; readonly model: Component<VaeConfig> })
  | (Common & { readonly kind: "controlnet"; readonly model: ControlNet })
  | (Common & { readonly kind: "sparsectrl"; readonly model: SparseCtrl })
  | (Common & { readonly kind: "t2i-adapter"; readonly model: T2iAdapter })
  | (Common & { readonly kind: "ip-adapter"; readonly model: IpAdapter })
  | (Common & { readonly kind: "image-encoder"; readonly model: ImageEncoder })
  | (Common & { readonly kind: "preprocessor"; readonly model: PictureModel })
  | (Common & { readonly kind: "upscaler"; readonly model: PictureModel | UpscalerNetwork })
  | (Common & { readonly kind: "embedding"; readonly model: Embedding });

/** @param files one model: a single file, or what `groupFiles` put together. Throws a ZoetropeError that says what else it is. */
export async function identify(files: readonly ModelFile[]): Promise<Identified> {
  const size = { name: modelName(files), bytes: files.reduce((sum, { source }) => sum + source.size, 0) };
  if (files.length === 1 && isOnnx(files[0]!.path)) return pictureModel(files[0]!, { ...size, about: NOTHING_KNOWN });
  if (byFolder(files).size > 1) return checkpoint(files, { ...size, about: NOTHING_KNOWN });
  const parts = await weightFiles(files);
  const { table, metadata } = await openTensors(parts);
  const common = { ...size, about: aboutOf(metadata) };
  const fileName = parts[0]!.source.name;
  // Before LoRAs, because some relatives of IP-Adapter hold LoRAs, too.
  if (isIpAdapter(table)) {
    const model = await loadIpAdapter(files);
    return { ...common, kind: "ip-adapter", model, summary: adapterSummary(model) };
  }
  // Before checkpoints, because it may hold the whole UNet.
  if (isTunedClip(table)) {
    const model = (await loadTunedClip(files))!;
    return { ...common, kind: "tuned-clip", model, summary: tunedSummary(model, metadata.ss_sd_model_name) };
  }
  if (looksLikeLora(table)) {
    const model = await loadLora(files);
    return { ...common, kind: model.kind, model, summary: summariseLora(model) };
  }
  if (findControl(table) !== null) {
    if (isSparse(table)) {
      const model = await loadSparseCtrl(files);
      return {
        ...common,
        kind: "sparsectrl",
        model,
        summary: `SparseCtrl for ${model.config.condition === "rgb" ? "pictures" : "scribbles"}`,
      };
    }
    return { ...common, kind: "controlnet", model: await loadControlNet(files), summary: "ControlNet for SD 1.x" };
  }
  if (findUnet(table) !== null) {
    refuseUnknown(table, fileName, findTextEncoder(table) === null && findVae(table) === null ? "unet-alone" : "checkpoint");
    return checkpoint(files, common);
  }
  if (findMotion(table) !== null) {
    const model = await loadMotionModule(files);
    return { ...common, kind: "motion", model, summary: motionSummary(model) };
  }
  if (findVae(table) !== null) return { ...common, kind: "vae", model: await loadVae(files), summary: "VAE for SD 1.x" };
  if (isTinyVae(table)) {
    return { ...common, kind: "vae", model: await loadVae(files), summary: "Tiny VAE (TAESD): fast, slightly softer" };
  }
  if (isEmbedding(table)) {
    const model = await loadEmbedding(files);
    return { ...common, name: model.name, kind: "embedding", model, summary: embeddingSummary(model) };
  }
  if (isT2iAdapter(table)) {
    return { ...common, kind: "t2i-adapter", model: await loadT2iAdapter(files), summary: "T2I-Adapter for SD 1.x" };
  }
  if (isImageEncoder(table)) {
    const model = await loadImageEncoder(files);
    return { ...common, kind: "image-encoder", model, summary: encoderSummary(model) };
  }
  if (isUpscaler(table)) {
    const model = await loadUpscaler(files);
    return { ...common, kind: "upscaler", model, summary: `enlarges the pictures of saved files ${model.factor} times` };
  }
  return refuseUnknown(table, fileName, "unknown");
}

async function pictureModel(file: ModelFile, common: Omit<Common, "summary">): Promise<Identified> {
  const model = await loadPictureModel(file);
  if (model.kind === "upscaler") return { ...common, kind: model.kind, model, summary: "enlarges the pictures of saved files" };
  const { width, height } = model.input;
  const drawn = model.draws === "pose" ? "draws a person's pose for a ControlNet" : "draws what a ControlNet sees";
  const summary = `${drawn}, from pictures of ${width} × ${height}`;
  return { ...common, kind: model.kind, model, summary };
}

async function checkpoint(files: readonly ModelFile[], common: Omit<Common, "summary">): Promise<Identified> {
  const model = await loadCheckpoint(files);
  const missing = [model.textEncoder === null ? "text encoder" : null, model.vae === null ? "VAE" : null].filter(
    (part) => part !== null,
  );
  const without = missing.length === 0 ? "" : `, without ${missing.join(" and ")}`;
  const v = model.defaults.predictionType === "v_prediction" ? ", v-prediction" : "";
  return { ...common, kind: "checkpoint", model, summary: `SD 1.x checkpoint, ${parameters(model)}${v}${without}` };
}

function parameters({ unet }: Checkpoint): string {
  const count = parameterCount(unet.weights);
  return count >= 1e8 ? `${Math.round(count / 1e6)} M parameters` : `${(count / 1e6).toPrecision(2)} M parameters`;
}

function motionSummary({ title, config }: MotionModule): string {
  return `${title} motion module, up to ${config.maxFrames} frames`;
}

function tunedSummary({ latents }: TunedClip, checkpoint: string | undefined): string {
  const on = checkpoint === undefined ? "" : ` on ${checkpoint}`;
  return `one clip, tuned${on} (Tune-A-Video), ${latents === null ? "without its noise" : `${latents.shape[0]} frames`}`;
}

function adapterSummary({ config }: IpAdapter): string {
  return `IP-Adapter${config.kind === "plus" ? " Plus" : ""} for SD 1.x, ${config.tokens} tokens a picture`;
}

function encoderSummary({ config: { imageSize, hiddenSize } }: ImageEncoder): string {
  return `CLIP image encoder, ${imageSize} pixels, ${hiddenSize} wide`;
}

function embeddingSummary({ words }: Embedding): string {
  const { vectors } = words[0]!;
  return `textual inversion, ${vectors.length === 1 ? "1 vector" : `${vectors.length} vectors`}, ${vectors[0]!.length} wide`;
}
