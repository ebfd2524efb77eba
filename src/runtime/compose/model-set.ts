/** The models of one animation, LoRAs already merged into the weights they touch. */

import type { PromptEmbedding } from "../../core/prompt/chunks.ts";
import type { ControlModel } from "../../graph/control.ts";
import type { Component, MotionConfig, SamplingDefaults, TextConfig, UnetConfig, VaeConfig } from "../../models/types.ts";
import type { HostTensor } from "../engine/backend.ts";

/** A component whose weights have a name of their own: equal keys hold equal weights. Letters, digits, '-' and '_' only. */
export interface Part<Config> extends Component<Config> {
  readonly key: string;
  /** The low-rank changes of side branches, by the names of the graphs' inputs; null where there are none. */
  readonly sideBranch?: SideBranchInputs | null;
}

export interface SideBranchInputs {
  /** Names the weights that have changes: graphs of equal layers are equal, whatever the changes. */
  readonly layers: string;
  read(): Promise<Readonly<Record<string, HostTensor>>>;
}

/** Rough colours straight from latents: rgb = matrix · latent + bias, in [-1, 1]. */
export interface PreviewMap {
  /** Rows r, g, b over the latent channels. */
  readonly matrix: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** A ControlNet or SparseCtrl. */
export interface ControlPart extends ControlModel {
  readonly key: string;
}

export interface ModelSet {
  readonly name: string;
  readonly unet: Part<UnetConfig>;
  readonly text: Part<TextConfig>;
  readonly vae: Part<VaeConfig>;
  readonly motion: Part<MotionConfig> | null;
  readonly controls: readonly ControlPart[];
  /** Textual inversions that prompts may call by name. Absent: none. */
  readonly embeddings?: readonly PromptEmbedding[];
  readonly defaults: SamplingDefaults;
  readonly preview: PreviewMap;
}

/** For the latents of SD 1.x: the linear fit that is in common use (posted by K. Turner, 2022). */
export const SD1_PREVIEW: PreviewMap = {
  matrix: [
    [0.298, 0.187, -0.158, -0.184],
    [0.207, 0.286, 0.189, -0.271],
    [0.208, 0.173, 0.264, -0.473],
  ],
  bias: [0, 0, 0],
};
