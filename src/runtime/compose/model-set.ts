/** The models of one animation, LoRAs merged into the weights they change or beside them as side branches. */

import type { Lane } from "../../core/animation/lanes.ts";
import type { PromptEmbedding } from "../../core/prompt/chunks.ts";
import type { ModelFamily } from "../../models/model-family.ts";
import type { MotionConfig, SamplingDefaults, TextConfig, UnetConfig, VaeConfig } from "../../models/types.ts";
import type { AnyControl, Part } from "../engine/part.ts";

export interface ModelSet {
  readonly name: string;
  /** How latents relate to pixels, as the VAE of this set has it. */
  readonly family: ModelFamily;
  readonly unet: Part<UnetConfig>;
  readonly text: Part<TextConfig>;
  readonly vae: Part<VaeConfig>;
  readonly motion: Part<MotionConfig> | null;
  /** The control models that were chosen; a request pairs each with its hint. */
  readonly controls: readonly AnyControl[];
  /** Textual inversions that prompts may call by name. Absent: none. */
  readonly embeddings?: readonly PromptEmbedding[];
  /** Of the LoRAs whose weight changes over the frames, in the order of the frames' factors (lora-lanes.ts). Absent: none does. */
  readonly loraLanes?: readonly Lane[];
  readonly defaults: SamplingDefaults;
}
