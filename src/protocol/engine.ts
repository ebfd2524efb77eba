/** The engine worker as the page sees it (through comlink). Types only. */

import type { About } from "../core/about.ts";
import type { BetaSchedule } from "../core/diffusion/schedule.ts";
import type { ErrorInfo } from "../core/errors.ts";
import type { RenderSettings, SamplerName } from "../core/settings/render-settings.ts";

export type ModelKind = "checkpoint" | "motion" | "lora" | "motion-lora" | "vae" | "controlnet" | "sparsectrl" | "embedding";

/** What the memory of an animation depends on. */
export interface NetworkSize {
  /** Of a checkpoint's UNet and VAE, or of a motion module. */
  readonly parameters: number;
  /** Channels of the UNet's outermost level; 0 for a motion module. */
  readonly firstWidth: number;
  /** Channels of the VAE's outermost level; 0 where there is none. */
  readonly vaeWidth: number;
}

/** One thing on the shelf: a model that is stored here or ships with the page. */
export interface ShelfItem {
  /** Stable: content hash of what was imported, or "mini" / "mini-robot" / "mini-motion" / "mini-lora-NAME". */
  readonly id: string;
  readonly kind: ModelKind;
  readonly name: string;
  /** One line: "SD 1.x checkpoint, 860 M parameters", "AnimateDiff v3 motion module, up to 32 frames". */
  readonly summary: string;
  /** Bytes kept on this device (0: ships with the page and is not downloaded yet). */
  readonly bytes: number;
  readonly builtIn: boolean;
  /** Words that call what a LoRA or a personalised checkpoint learned, from a LoRA's metadata; for an embedding its own name. */
  readonly triggerWords: readonly string[];
  /** Embeddings: the tokens that the name stands for. */
  readonly tokens?: number;
  /** Checkpoints and motion modules: how large they are; what was added by earlier versions lacks it. */
  readonly size?: NetworkSize;
  /** Checkpoints and motion modules: widths of the UNet's levels, in which the two must agree; what was added by earlier versions lacks them. */
  readonly levels?: readonly number[];
  /** Motion modules: the most frames they can see at once; what was added by earlier versions lacks it. */
  readonly maxFrames?: number;
  /** Motion modules: the most that they should see at once, where that is fewer. */
  readonly contextLength?: number;
  /** LoRAs that came with checkpoints: the ids of those they fit. They are switched off when another is chosen. */
  readonly madeFor?: readonly string[];
  /** What its metadata says about it; what was added by earlier versions lacks it. */
  readonly about?: About;
  /** Checkpoints, motion modules, and LoRAs that want other sampling (few steps without guidance): settings that suit them. */
  readonly suggested: Partial<Pick<RenderSettings, "steps" | "cfgScale" | "frames" | "width" | "height">> & {
    readonly sampler?: SamplerName;
    readonly schedule?: BetaSchedule;
    readonly loraWeight?: number;
  };
}

/** What a dropped file is, told before anything happens. */
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

export interface ModelSelection {
  readonly checkpoint: string;
  /** null: no motion module, single pictures. */
  readonly motion: string | null;
  readonly vae: string | null;
  readonly loras: readonly { readonly id: string; readonly weight: number }[];
  readonly motionLoras: readonly { readonly id: string; readonly weight: number }[];
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
}

/** Pictures that a clip begins with instead of noise. */
export interface StartPictures {
  readonly name: string;
  /** Above 0, up to 1: how much of them is made anew. */
  readonly strength: number;
  /** At least one, in their order. */
  readonly pictures: readonly Blob[];
}

/** Pictures that a clip follows, by a ControlNet or SparseCtrl. */
export interface ControlPictures {
  /** Id of the control model. */
  readonly model: string;
  readonly name: string;
  /** How strongly the clip follows, from 0; what was kept by earlier versions lacks it, and means 1. */
  readonly weight?: number;
  /** A ControlNet's: one for all frames, or one each; a SparseCtrl's: one for the first frame, or several spread over the clip. */
  readonly pictures: readonly Blob[];
}

export interface RenderRequest {
  readonly settings: RenderSettings;
  readonly models: ModelSelection;
  /** Absent: from noise. */
  readonly start?: StartPictures;
  readonly control?: ControlPictures;
}

/** "auto": the graphics card where it is there and right, else the processor. */
export type DeviceChoice = "auto" | "webgpu" | "wasm";

export interface DeviceReport {
  readonly backend: "webgpu" | "wasm";
  /** Adapter description, or "processor". */
  readonly name: string;
  readonly fp16: boolean;
  readonly threads: number;
  /** What the person should know, in words ("No WebGPU here: running on the processor, slower."); null if nothing. */
  readonly notice: string | null;
  readonly storage: "opfs" | "memory";
  readonly storageUsedBytes: number | null;
  readonly storageLeftBytes: number | null;
  /** Self-test: largest error of each fused operation against its plain reference on this device. */
  readonly selfTest: readonly { readonly op: string; readonly maxError: number; readonly used: boolean }[];
}

/** Everything is asynchronous through comlink; long calls report over the MessagePort they are given and resolve at their end. */
export interface EngineApi {
  /** Where to run; counts for the first call that needs the device, so it comes before all others. */
  prefer(choice: DeviceChoice): Promise<void>;
  probe(): Promise<DeviceReport>;
  shelf(): Promise<readonly ShelfItem[]>;
  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]>;
  /** ImportEvents over `port`. */
  importFiles(files: readonly DroppedFile[], port: MessagePort): Promise<void>;
  cancelImport(): Promise<void>;
  remove(id: string): Promise<void>;
  /** RenderEvents over `port`; always ends with done, cancelled or failed. */
  render(request: RenderRequest, port: MessagePort): Promise<void>;
  cancelRender(): Promise<void>;
}
