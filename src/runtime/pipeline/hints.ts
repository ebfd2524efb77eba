/** The hint tensor of a control model: its pictures, laid out over the frames. */

import { ZoetropeError } from "../../core/errors.ts";
import { hintChannels } from "../../graph/control.ts";
import { floats, type HostTensor } from "../engine/backend.ts";
import type { ControlPart } from "../engine/part.ts";
import type { Hint, HintPicture } from "./clip-request.ts";
import { encodePicture } from "./encode-picture.ts";
import type { Job } from "./job.ts";
import type { Rung } from "./precision-ladder.ts";

/**
 * Hints of all frames, [F, channels, H, W] for pictures, [F, channels, h, w] for latents (condition "rgb"). SparseCtrl's are zero in
 * frames without a picture, and their last channel is a mask: 1 in frames that have one.
 * @throws ZoetropeError `control/frame`, `render/not-finite`
 */
export async function hintTensor(
  job: Pick<Job, "request" | "engine">,
  rung: Rung,
  control: ControlPart,
  hint: Hint,
): Promise<HostTensor> {
  const { frames, width, height } = job.request.settings;
  const { condition } = control;
  const factor = condition === "rgb" ? rung.models.family.vaeFactor : 1;
  const [h, w] = [height / factor, width / factor];
  const channels = hintChannels(control);
  const area = h * w;
  const data = new Float32Array(frames * channels * area);
  for (const picture of hint.pictures) {
    const content = condition === "rgb" ? await encodePicture(job, rung, toSigned(picture.pixels)) : picture.pixels;
    for (const frame of framesOfPicture(picture, frames)) {
      data.set(content, frame * channels * area);
      if (condition !== "pixels") data.fill(1, (frame * channels + channels - 1) * area, (frame + 1) * channels * area);
    }
  }
  return floats(data, [frames, channels, h, w]);
}

/** @throws ZoetropeError `control/frame` */
export function framesOfPicture({ frame }: HintPicture, frames: number): readonly number[] {
  if (frame === null) return Array.from({ length: frames }, (_, f) => f);
  if (frame < frames) return [frame];
  throw new ZoetropeError("control/frame", {
    message: `A control picture is set for frame ${frame}, but the clip has frames 0 to ${frames - 1}.`,
    hint: "Move it inside the clip.",
  });
}

/** [0, 1] -> [-1, 1] */
function toSigned(pixels: Float32Array): Float32Array {
  return pixels.map((x) => 2 * x - 1);
}
