/**
 * Models as the graph layer reads them: the architecture as data, and the weights by canonical name. Canonical names are those of
 * diffusers (`down_blocks.0.resnets.0.conv1.weight`), whichever naming the file uses; the text encoder's are
 * `text_model.encoder.layers.0…`, the motion module's `down_blocks.0.motion_modules.0.transformer_blocks.0.attn1.to_q.weight`.
 */

import type { PredictionType } from "../core/diffusion/prediction.ts";
import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { Dtype } from "../formats/dtype.ts";

/** Weights under canonical names, read lazily. Nothing is cached: each `read` reads the file. */
export interface WeightSource {
  has(key: string): boolean;
  /** Throws ZoetropeError `weights/missing` naming file and key. */
  shape(key: string): readonly number[];
  keys(): Iterable<string>;
  /** The whole tensor as fp32, row-major. Throws `weights/not-finite` on NaN or infinity, naming file and key. */
  read(key: string): Promise<Float32Array>;
  /** The stored bytes before any arithmetic, so that a worker can do it. Absent in sources that compute their values. */
  stored?(key: string): Promise<StoredWeight>;
  /** Keys of the weights whose low-rank changes are inputs of the graph instead of being in the values (lora/side-branch.ts). */
  readonly sideBranches?: ReadonlySet<string>;
  /** How many factors each frame has for them, as columns of the graph's input `FRAME_FACTORS` (graph/side-branch.ts). Absent: none. */
  readonly frameFactors?: number;
  /** What training changes. */
  readonly trained?: TrainedLayers;
}

/** Weights, or low-rank changes of weights, that a graph takes as inputs because training changes them (graph/trained-layers.ts). */
export interface TrainedLayers {
  /** Keys of the weights that are inputs themselves. */
  readonly whole: ReadonlySet<string>;
  /** Keys of the weights that stay as they are and get a low-rank change of this rank. */
  readonly ranks: ReadonlyMap<string, number>;
  /** Factor of all low-rank changes: alpha / rank. */
  readonly scale: number;
}

/** A weight as its file stores it, and the changes to add to it. Plain data that can be sent to a worker; the receiver owns the bytes. */
export interface StoredWeight {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly dtype: Dtype;
  /** Name of the tensor in its file, for messages. */
  readonly tensorName: string;
  readonly fileName: string;
  readonly changes: readonly LowRankChange[];
}

/** factor × up [out, rank] · down [rank, n], for a weight of `out` rows with n elements each. */
export interface LowRankChange {
  readonly up: Float32Array<ArrayBuffer>;
  readonly down: Float32Array<ArrayBuffer>;
  readonly rank: number;
  readonly factor: number;
}

export interface Component<Config> {
  readonly config: Config;
  readonly weights: WeightSource;
}

export type { BetaSchedule, PredictionType };

export interface UnetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Width of each level, outermost first. */
  readonly blockOutChannels: readonly number[];
  /** Resnets in each down block, and in each up block (up_blocks.0 is the innermost). */
  readonly downLayers: readonly number[];
  readonly upLayers: readonly number[];
  /** True for blocks with spatial transformers. */
  readonly downAttention: readonly boolean[];
  readonly upAttention: readonly boolean[];
  /** "attention": resnet, transformer, resnet; "none": the UNet has no middle block (some distilled models). */
  readonly midBlock: "attention" | "none";
  /** Attention heads of each level, outermost first. */
  readonly heads: readonly number[];
  readonly crossAttentionDim: number;
  readonly normGroups: number;
  readonly normEps: number;
  /** proj_in / proj_out of the spatial transformers are linears ([C, C]) rather than 1×1 convolutions. */
  readonly linearProjection: boolean;
  /** One clip tuned it (tuned-clip.ts): frames look at others, and transformers have a temporal layer. Absent: a UNet of pictures. */
  readonly tunedOnClip?: true;
}

/** An autoencoder between pixels and latents. */
export type VaeConfig = KlVaeConfig | TinyVaeConfig;

/** The VAE of latent diffusion, which every checkpoint comes with. */
export interface KlVaeConfig {
  readonly kind: "kl";
  readonly latentChannels: number;
  readonly blockOutChannels: readonly number[];
  /** Resnets per encoder level; the decoder has one more. */
  readonly layersPerBlock: number;
  readonly normGroups: number;
  readonly midAttention: boolean;
  readonly quantConv: boolean;
  readonly postQuantConv: boolean;
  /** Latents that the UNet sees = encoder mean × scalingFactor (0.18215 in SD 1.x). */
  readonly scalingFactor: number;
}

/** TAESD: see `sd/tiny-vae.ts`. */
export interface TinyVaeConfig {
  readonly kind: "tiny";
  readonly latentChannels: number;
  /** Width of each level of the decoder; all are the same. */
  readonly blockOutChannels: readonly number[];
  /** The encoder came with it. */
  readonly encodes: boolean;
  /** It works on the UNet's latents as they are. */
  readonly scalingFactor: 1;
}

export interface TextConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly maxPositions: number;
  readonly activation: "quick_gelu" | "gelu";
  readonly normEps: number;
}

export type MotionVersion = "v1" | "v2" | "v3" | "lcm";

export interface MotionConfig {
  readonly version: MotionVersion;
  /** Longest clip (or window) the position table covers: 24, 32 or 64. */
  readonly maxFrames: number;
  readonly heads: number;
  readonly normGroups: number;
  /** Width of each level, outermost first; must equal the UNet's. */
  readonly blockOutChannels: readonly number[];
  /** Motion modules in each down block, and in each up block (up_blocks.0 is the innermost); none in a SparseCtrl's up path. */
  readonly downLayers: readonly number[];
  readonly upLayers: readonly number[];
  /** A module after the middle block's transformer. */
  readonly midBlock: boolean;
  /** Temporal self-attentions in each module: 2 in AnimateDiff, 1 in SparseCtrl. */
  readonly attentions: number;
}

export interface ControlNetConfig {
  readonly unet: UnetConfig;
  /** Widths of the hint network's convolutions (16, 32, 96, 256 in SD 1.x). */
  readonly hintChannels: readonly number[];
  /** Its residuals are averaged over the picture and guide the prompt's half alone, not the negative prompt's ("shuffle"). */
  readonly pooled: boolean;
  /** The weights that it shares with a UNet are stored as differences from the checkpoint's. */
  readonly difference: boolean;
  /** The keys of those that are. Absent: all that the UNet has, too. */
  readonly differences?: ReadonlySet<string>;
}

export interface SparseCtrlConfig {
  readonly unet: UnetConfig;
  /** "rgb": one 3×3 convolution over VAE latents + mask; "scribble": the hint network over pixels + mask. */
  readonly condition: "rgb" | "scribble";
  readonly hintChannels: readonly number[];
  readonly motion: MotionConfig;
}

/** Sampling settings that a checkpoint or motion module recommends; null where it says nothing. */
export interface SamplingDefaults {
  readonly predictionType: PredictionType | null;
  readonly betaSchedule: BetaSchedule | null;
  readonly betaStart: number | null;
  readonly betaEnd: number | null;
  /** The schedule is rescaled so that its last timestep is pure noise. */
  readonly zeroSnr: boolean | null;
  readonly sampler: string | null;
  readonly steps: number | null;
  readonly cfgScale: number | null;
  readonly frames: number | null;
  /** Frames per window for longer clips; null: as many as the motion module has positions for. */
  readonly contextLength: number | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** A model that was distilled to draw in few steps (few-steps.ts). */
export interface FewSteps {
  /** What a person calls it: "AnimateDiff-Lightning". */
  readonly family: string;
  readonly sampling: Pick<SamplingDefaults, "sampler" | "steps" | "cfgScale">;
  /** The name does not say for how many steps it was made, so `steps` is a guess. */
  readonly guessed: boolean;
}

export interface Checkpoint {
  readonly name: string;
  readonly unet: Component<UnetConfig>;
  readonly textEncoder: Component<TextConfig> | null;
  readonly vae: Component<KlVaeConfig> | null;
  readonly defaults: SamplingDefaults;
  /** Sentences on what of the files is not followed. */
  readonly notices: readonly string[];
}

export interface MotionModule extends Component<MotionConfig> {
  readonly name: string;
  /** What a person calls it: "AnimateDiff v3", "AnimateDiff-Lightning 4-step", "PIA". */
  readonly title: string;
  readonly defaults: SamplingDefaults;
  /** Sentences about parts of the file that are not used. */
  readonly notices: readonly string[];
  /** The settings of a module for few steps; null for others. */
  readonly fewSteps: FewSteps | null;
}

/** Besides the UNet's first half: `controlnet_cond_embedding.{conv_in, blocks.N, conv_out}`, `controlnet_down_blocks.N`, `controlnet_mid_block`. */
export interface ControlNet extends Component<ControlNetConfig> {
  readonly name: string;
}

/** As a ControlNet, with motion modules in its down blocks; "rgb" has the one convolution `controlnet_cond_embedding`. */
export interface SparseCtrl extends Component<SparseCtrlConfig> {
  readonly name: string;
}
