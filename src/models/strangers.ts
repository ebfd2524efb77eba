/** Recognises files of tensors that this studio cannot animate, and says what to choose instead. */

import { ZoetropeError } from "../core/errors.ts";
import { refuseOtherFamily } from "./families.ts";
import type { TensorTable } from "./tensors.ts";

interface Stranger {
  readonly code: string;
  /** Completes "FILE is …". */
  readonly is: string;
  readonly hint: string;
  readonly keys: RegExp;
}

const CHECKPOINT = "Choose a checkpoint trained on SD 1.5. Its file is usually about 2 or 4 GB.";

const STRANGERS: readonly Stranger[] = [
  {
    code: "model/control-lllite",
    is: "a ControlNet-LLLite, which Zoetrope does not use",
    hint: "Choose a full ControlNet for SD 1.5 instead.",
    keys: /^lllite_/,
  },
  {
    code: "motion/other-family",
    is: "a HotShot-XL motion module, made for SDXL",
    hint: "Choose an AnimateDiff motion module for SD 1.5, for example mm_sd_v15_v2 or v3_sd15_mm.",
    keys: /\.temporal_attentions\.\d+\./,
  },
  {
    code: "model/optimizer-state",
    is: "the state of a training run's optimizer, not a model",
    hint: "Choose the weights that lie beside it, usually called model.safetensors or after the model.",
    keys: /(^|[._/])(exp_avg|exp_avg_sq|momentum_buffer|optimizer)([._/]|$)|^optimizer/,
  },
  {
    code: "model/ema-only",
    is: "only the moving average (EMA) of a checkpoint",
    hint: "Choose the full checkpoint, or a pruned one that keeps the weights under model.diffusion_model.",
    keys: /^model_ema\.diffusion_model/,
  },
  {
    code: "model/text-encoder-alone",
    is: "a text encoder by itself; it comes inside every checkpoint",
    hint: CHECKPOINT,
    keys: /token_embedding\.weight$|^(encoder\.block|shared)\.|^encoder\.embed_tokens\./,
  },
  {
    code: "model/upscaler",
    is: "a picture upscaler of a kind that Zoetrope does not use",
    hint: "Choose an ESRGAN or Real-ESRGAN model, such as RealESRGAN_x4plus or realesr-general-x4v3.",
    keys: /\.residual_group\.|(^|\.)conv_(first|before_upsample)\.weight$/,
  },
  {
    code: "model/language-model",
    is: "a language model, not a picture model",
    hint: CHECKPOINT,
    keys: /(^|\.)(lm_head|self_attn\.q_proj|attn\.c_attn)\.weight$/,
  },
];

const UNET_ALONE: Omit<Stranger, "keys"> = {
  code: "model/unet-alone",
  is: "a UNet by itself, without text encoder and VAE",
  hint: "Choose the full checkpoint, or drop the whole diffusers folder the UNet came in.",
};

/**
 * Throws an error that names the kind of model, where the tensors belong to a known kind that is not usable.
 * @param as "checkpoint": a UNet with other components was found; "unet-alone"; "unknown": nothing usable was found
 */
export function refuseUnknown(table: TensorTable, fileName: string, as: "unknown" | "unet-alone"): never;
export function refuseUnknown(table: TensorTable, fileName: string, as: "checkpoint" | "unknown" | "unet-alone"): void;
export function refuseUnknown(table: TensorTable, fileName: string, as: "checkpoint" | "unknown" | "unet-alone"): void {
  refuseOtherFamily(table, "checkpoint", fileName);
  const refuse = ({ code, is, hint }: Omit<Stranger, "keys">): never => {
    throw new ZoetropeError(code, { message: `${fileName} is ${is}.`, hint });
  };
  if (as === "checkpoint") return;
  if (as === "unet-alone") refuse(UNET_ALONE);
  const keys = [...table.keys()];
  const known = STRANGERS.find((stranger) => keys.some((key) => stranger.keys.test(key)));
  if (known !== undefined) refuse(known);
  throw new ZoetropeError("model/unknown", {
    message:
      table.size === 0
        ? `${fileName} holds no tensors at all.`
        : `${fileName} is no model Zoetrope knows: ${table.size} tensors, the first named "${keys[0]}".`,
    hint: "Choose a Stable Diffusion 1.5 checkpoint, an AnimateDiff motion module, or a LoRA for SD 1.5.",
  });
}
