/** The engine worker as the page sees it (through comlink). Types only. */

import type { About } from "../core/about.ts";
import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { ErrorInfo } from "../core/errors.ts";
import type { Preprocessor } from "../core/preprocess/preprocessor-names.ts";
import type { LoraStrength } from "../core/prompt/lora-strength.ts";
import type { RenderSettings, SamplerName } from "../core/settings/render-settings.ts";

export type ModelKind =
  | "checkpoint"
  | "motion"
  | "tuned-clip"
  | "lora"
  | "motion-lora"
  | "vae"
  | "controlnet"
  | "sparsectrl"
  | "t2i-adapter"
  | "ip-adapter"
  | "image-encoder"
  | "preprocessor"
  | "upscaler"
  | "embedding";

/** The sizes of a network that determine how much memory an animation needs. */
export interface NetworkSize {
  /** The parameters of a checkpoint's UNet and VAE, or of a motion module. */
  readonly parameters: number;
  /** Channels of the UNet's outermost level; 0 for a motion module. */
  readonly firstWidth: number;
  /** Channels of the VAE's outermost level; 0 without a VAE. */
  readonly vaeWidth: number;
  /** Pixels along the side of one latent position. Absent where there is no VAE, and for models added by earlier versions: 8. */
  readonly vaeFactor?: number;
}

/** One thing on the shelf: a model that is stored here or ships with the page. */
export interface ShelfItem {
  /** Stable: a hash of the imported contents, or "mini" / "mini-robot" / "mini-motion" / "mini-lora-NAME". */
  readonly id: string;
  readonly kind: ModelKind;
  readonly name: string;
  /** One line: "SD 1.x checkpoint, 860 M parameters", "AnimateDiff v3 motion module, up to 32 frames". */
  readonly summary: string;
  /** Bytes stored on this device; 0 for a model that ships with the page and is not downloaded yet. */
  readonly bytes: number;
  readonly builtIn: boolean;
  /** Words that trigger the learned concept, from the metadata of a LoRA or a personalised checkpoint; for an embedding its own name. */
  readonly triggerWords: readonly string[];
  /** Embeddings: the number of tokens that the name stands for. */
  readonly tokens?: number;
  /** Checkpoints and motion modules: their sizes. Models added by earlier versions lack them. */
  readonly size?: NetworkSize;
  /**
   * The widths of the UNet's levels that a model is of or was made for, the outermost first; of a LoRA only that one. Models that go
   * together agree in them. Absent: not known, as for models added by earlier versions.
   */
  readonly levels?: readonly number[];
  /** Motion modules: the most frames that they can see at once. Models added by earlier versions lack it. */
  readonly maxFrames?: number;
  /** Motion modules: the most frames that they should see at once, if fewer than `maxFrames`. */
  readonly contextLength?: number;
  /**
   * Tuned clips: the noise that animations with it begin from, in frames and latent places. Absent: the file has none, because its
   * training was interrupted.
   */
  readonly clip?: { readonly frames: number; readonly height: number; readonly width: number };
  /** LoRAs that ship with checkpoints: the ids of the checkpoints that they fit. Choosing another checkpoint switches them off. */
  readonly madeFor?: readonly string[];
  /** The description in its metadata. Models added by earlier versions lack it. */
  readonly about?: About;
  /** Settings that suit a checkpoint, a motion module, or a LoRA that needs other sampling (few steps without guidance). */
  readonly suggested: Partial<Pick<RenderSettings, "steps" | "cfgScale" | "frames" | "width" | "height">> & {
    readonly sampler?: SamplerName;
    readonly schedule?: BetaSchedule;
    readonly loraWeight?: number;
  };
}

/** The result of inspecting a dropped file, before anything is stored. */
export type FileVerdict =
  | {
      readonly usable: true;
      readonly files: readonly string[];
      readonly kind: ModelKind;
      readonly name: string;
      readonly summary: string;
      readonly bytes: number;
    }
  | { readonly usable: false; readonly files: readonly string[]; readonly error: ErrorInfo };

/** A file of a stored model, with the path it came by. */
export interface StoredFile {
  readonly path: string;
  readonly blob: Blob;
}

/** A file with the path it had inside a dropped folder ("unet/config.json"), or just its name. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

export type ImportEvent =
  | {
      readonly type: "progress";
      readonly phase: "read" | "convert";
      readonly doneBytes: number;
      readonly totalBytes: number;
      readonly file: string;
    }
  | { readonly type: "imported"; readonly item: ShelfItem; readonly notice: string | null }
  | { readonly type: "refused"; readonly file: string; readonly error: ErrorInfo }
  | { readonly type: "cancelled" }
  | { readonly type: "done" };

/** A LoRA in use and how much of it. */
export interface LoraInUse extends LoraStrength {
  readonly id: string;
}

export interface ModelSelection {
  readonly checkpoint: string;
  /** A motion module, or a clip that the checkpoint was tuned on; null: neither, single pictures. */
  readonly motion: string | null;
  readonly vae: string | null;
  readonly loras: readonly LoraInUse[];
  readonly motionLoras: readonly LoraInUse[];
}

/** The chosen models by the names that a person knows them by. */
export interface ModelNames {
  readonly checkpoint: string;
  readonly motion: string | null;
  readonly loras: readonly { readonly name: string; readonly weight: number }[];
  /** Absent: the checkpoint's own. */
  readonly vae?: string;
  /** The ControlNet or SparseCtrl; absent: none. */
  readonly control?: string;
  /** The further controls, in order. */
  readonly moreControls?: readonly string[];
  /** The preprocessors with a model, by their controls in order; null: that control uses none. Absent: none does. */
  readonly preprocessors?: readonly (string | null)[];
  /** The IP-Adapter; absent: none. */
  readonly ipAdapter?: string;
}

/** Pictures that a clip begins with instead of noise. */
export interface StartPictures {
  readonly name: string;
  /** Denoising strength, above 0 and up to 1; 1 keeps nothing of the pictures. */
  readonly strength: number;
  /** At least one, in order. */
  readonly pictures: readonly Blob[];
}

export type HeldPlace = "first" | "last";

/** A frame that is given as a picture. */
export interface HeldPicture {
  readonly place: HeldPlace;
  readonly name: string;
  readonly picture: Blob;
}

/** A model of the shelf that draws what a ControlNet is shown. */
export interface PreprocessorModel {
  readonly id: string;
}

/** Pictures that a clip follows through a ControlNet or SparseCtrl. */
export interface ControlPictures {
  /** Id of the control model. */
  readonly model: string;
  readonly name: string;
  /** The control's weight, from 0. Records of earlier versions lack it, which means 1. */
  readonly weight?: number;
  /** The shares of the steps between which it acts. Absent: 0 and 1. */
  readonly start?: number;
  readonly end?: number;
  /** What the ControlNet is shown of the pictures. Absent: the pictures themselves. */
  readonly preprocessor?: Preprocessor | PreprocessorModel;
  /** For a ControlNet: one for all frames, or one for each. For a SparseCtrl: one for the first frame, or several spread over the clip. */
  readonly pictures: readonly Blob[];
}

/** Pictures that a clip looks like through an IP-Adapter. */
export interface LikenessPictures {
  /** Ids of the IP-Adapter and of its image encoder. */
  readonly model: string;
  readonly encoder: string;
  readonly name: string;
  /** From 0; 1 as the adapter was trained. */
  readonly weight: number;
  /** The weight in the last frame, to which it changes evenly. Absent: as `weight`. */
  readonly endWeight?: number;
  /** At least one; all of them together. */
  readonly pictures: readonly Blob[];
}

export interface RenderRequest {
  readonly settings: RenderSettings;
  /** Names of the settings that the person left to the page, which chose their values. Absent: none. */
  readonly automatic?: readonly string[];
  readonly models: ModelSelection;
  /** Absent: from noise. */
  readonly start?: StartPictures;
  readonly control?: ControlPictures;
  /** Further controls beside it. Absent: none. */
  readonly moreControls?: readonly ControlPictures[];
  readonly likeness?: LikenessPictures;
  /** At most one for each place. Absent: none. */
  readonly heldFrames?: readonly HeldPicture[];
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface LargerPicture extends PictureSize {
  /** RGBA. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** "auto": the graphics card if there is one and it passes the self-test, else the processor. */
export type DeviceChoice = "auto" | "webgpu" | "wasm";

export interface DeviceReport {
  readonly backend: "webgpu" | "wasm";
  /** Adapter description, or "processor". */
  readonly name: string;
  readonly fp16: boolean;
  readonly threads: number;
  /** A sentence for the person ("No WebGPU here: running on the processor, slower."), or null. */
  readonly notice: string | null;
  readonly storage: "opfs" | "memory";
  readonly storageUsedBytes: number | null;
  readonly storageLeftBytes: number | null;
  /** The largest error of each fused operation against its plain reference on this device. */
  readonly selfTest: readonly { readonly op: string; readonly maxError: number; readonly used: boolean }[];
  /** What the graphics card's kernels are chosen by; null on the processor. */
  readonly card: CardReport | null;
}

export interface CardReport {
  /** Optional features with which onnxruntime takes faster kernels, as the device has them. */
  readonly features: readonly string[];
  /** Those that the card offers and the engine gave up, because results were wrong with them: the operation that was most wrong. */
  readonly givenUp: readonly { readonly feature: string; readonly because: string }[];
  /** Times of products, by which the engine chose their form. */
  readonly kernels: readonly KernelTiming[];
}

/** One form of a chain of products [rows, width] × [width, width]. */
export interface KernelTiming {
  /** Weights at 8 bits with activations as they are, rounded to 8 bits, or rounded and padded to rows of 128s; or whole weights. */
  readonly family: "8 bit, exact" | "8 bit, rounded" | "8 bit, rounded, rows of 128s" | "fp32" | "fp16";
  readonly width: number;
  readonly rows: number;
  readonly ms: number;
}

/** Calls reject with a ZoetropeError. A long call sends events over the MessagePort that it is given, and resolves when it has ended. */
export interface EngineApi {
  /** Chooses the device. The first call that needs the device fixes it, so this call must come before all others. */
  prefer(choice: DeviceChoice): Promise<void>;
  probe(): Promise<DeviceReport>;
  shelf(): Promise<readonly ShelfItem[]>;
  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]>;
  /** Sends ImportEvents over `port`. */
  importFiles(files: readonly DroppedFile[], port: MessagePort): Promise<void>;
  cancelImport(): Promise<void>;
  remove(id: string): Promise<void>;
  /** The files of a stored model, unchanged; none for a model that ships with the page. */
  files(id: string): Promise<readonly StoredFile[]>;
  /** What a ControlNet sees of a picture through a preprocessor of the shelf: RGBA of this size, which the picture covers. */
  drawPicture(id: string, picture: Blob, size: PictureSize): Promise<Uint8ClampedArray<ArrayBuffer>>;
  /** A picture, RGBA, enlarged by a super-resolution model of the shelf. */
  upscale(id: string, pixels: Uint8ClampedArray<ArrayBuffer>, size: PictureSize): Promise<LargerPicture>;
  /** Sends RenderEvents over `port`; the last is always done, cancelled or failed. */
  render(request: RenderRequest, port: MessagePort): Promise<void>;
  cancelRender(): Promise<void>;
}
