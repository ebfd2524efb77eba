/** What a clip is made from. */

import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { RgbPicture } from "../../media/rgb-picture.ts";
import type { ImageEncoderConfig } from "../../models/ip-adapter/image-encoder.ts";
import type { IpAdapterConfig } from "../../models/ip-adapter/load.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { AnyControl, Part } from "../engine/part.ts";

export interface ClipRequest {
  readonly settings: RenderSettings;
  readonly models: ModelSet;
  /** Unit-variance noise [F, C, h, w] to start from instead of the seed's. */
  readonly initLatents: Float32Array | null;
  /** A video or picture to start from; null: noise alone. */
  readonly initVideo: StartVideo | null;
  readonly controls: readonly HintedControl[];
  /** Frames that are given as pictures, round which the others are drawn. Absent: none. */
  readonly heldFrames?: readonly HeldFrame[];
  /** Pictures that the clip shall look like; null or absent: none. */
  readonly likeness?: Likeness | null;
  /** Side of the tiles that frames are decoded in, in latent places; null: whole frames. */
  readonly decodeTile: number | null;
}

export interface StartVideo {
  /** One picture per frame, [3, H, W] in [-1, 1]. A still is the same array for every frame. */
  readonly frames: readonly Float32Array[];
  /** In (0, 1]; 1 keeps nothing of the video. */
  readonly strength: number;
}

export interface HeldFrame {
  readonly frame: number;
  /** [3, H, W] in [-1, 1] */
  readonly pixels: Float32Array;
}

/** An IP-Adapter with the pictures that it makes the clip look like. */
export interface Likeness {
  readonly adapter: Part<IpAdapterConfig>;
  readonly encoder: Part<ImageEncoderConfig>;
  /** At least one, of any size. */
  readonly pictures: readonly RgbPicture[];
  /** Factor of the attention to the pictures: 1 as trained, 0 without effect (diffusers' `ip_adapter_scale`). */
  readonly weight: number;
  /** Weights at single frames, between which it changes evenly, instead of `weight`. Absent: `weight` in all frames. */
  readonly weightAt?: readonly { readonly frame: number; readonly weight: number }[];
}

/** A control model with the pictures that it follows. */
export interface HintedControl {
  readonly control: AnyControl;
  readonly hint: Hint;
}

export interface Hint {
  /** Factor of the residuals: 1 as trained, 0 without effect (diffusers' `conditioning_scale`). */
  readonly weight: number;
  /** The share of the steps during which it acts, from 0 to 1 (diffusers' `control_guidance_start` and `_end`). Absent: all of them. */
  readonly during?: { readonly start: number; readonly end: number };
  readonly pictures: readonly HintPicture[];
}

export interface HintPicture {
  /** null: every frame. */
  readonly frame: number | null;
  /** [3, H, W] in [0, 1] */
  readonly pixels: Float32Array;
}
