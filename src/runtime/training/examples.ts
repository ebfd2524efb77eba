/** What a person shows: pictures or clips as pixels, each with its caption. */

import type { Picture } from "../../core/fit-picture.ts";

/** Pixels in [-1, 1]. */
export interface CaptionedPicture extends Picture {
  /** With the trigger word. Longer ones than the text encoder reads are cut off. */
  readonly caption: string;
}

export interface CaptionedClip {
  /** All of one size. */
  readonly frames: readonly Picture[];
  readonly caption: string;
}

export type Examples =
  | {
      readonly type: "pictures";
      readonly pictures: readonly CaptionedPicture[];
      /** What the model draws of the subject's class, to keep it from drawing the subject always (prior preservation). Absent: none. */
      readonly classPictures?: readonly CaptionedPicture[];
    }
  | { readonly type: "clips"; readonly clips: readonly CaptionedClip[] };
