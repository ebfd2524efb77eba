/** Opens super-resolution models (core/upscale.ts), on the processor: ONNX files, and networks that become graphs of ours. */

import { ZoetropeError } from "../../core/errors.ts";
import type { PictureShape } from "../../core/preprocess/annotator.ts";
import { type RunUpscaler, upscaled, upscalerFactor, upscalerShape } from "../../core/upscale.ts";
import { buildUpscaler } from "../../graph/upscaler.ts";
import { wholeModel } from "../../graph/whole-model.ts";
import { toPlanes, toRgba } from "../../media/pixels.ts";
import type { UpscalerNetwork } from "../../models/upscaler/load.ts";
import type { AnnotatorTools } from "./run-annotator.ts";

export interface Upscaler {
  readonly factor: number;
  /**
   * [3, H, W] in [0, 1] -> [3, factor · H, factor · W] in [0, 1]
   * @param signal ends it between two tiles
   */
  upscale(pixels: Float32Array, size: PictureShape, signal?: AbortSignal): Promise<Float32Array>;
  release(): Promise<void>;
}

/** A picture as 8-bit RGBA, enlarged. @throws ZoetropeError `upscaler/not-finite`; the signal's reason */
export async function upscaleRgba(
  upscaler: Upscaler,
  rgba: Uint8ClampedArray,
  size: PictureShape,
  signal?: AbortSignal,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const planes = toPlanes(rgba).map((x) => x / 2 + 0.5);
  return toRgba((await upscaler.upscale(planes, size, signal)).map((x) => 2 * x - 1));
}

type Tools = Pick<AnnotatorTools, "Tensor" | "exclusive">;
type Opened = Awaited<ReturnType<AnnotatorTools["create"]>>;

/** A session for each size of pictures, one at a time: those of a clip are alike. */
export function networkUpscaler(
  network: UpscalerNetwork,
  { create, Tensor, exclusive }: Tools & { readonly create: (model: Uint8Array) => Promise<Opened> },
): Upscaler {
  let open: { readonly size: string; readonly session: Opened } | null = null;
  const release = async () => {
    const last = open;
    open = null;
    if (last !== null) await exclusive(() => last.session.release());
  };
  const run: RunUpscaler = async (pixels, { width, height }) => {
    const size = `${width}x${height}`;
    if (open?.size !== size) {
      await release();
      const model = await wholeModel(buildUpscaler(network, height, width));
      open = { size, session: await exclusive(() => create(model)) };
    }
    const { session } = open;
    const { larger } = await exclusive(() => session.run({ pixels: new Tensor("float32", pixels, [1, 3, height, width]) }));
    return { data: Float32Array.from(larger!.data as Float32Array), dims: larger!.dims };
  };
  const shape = { side: null, multiple: network.kind === "rrdb" ? network.unshuffle : 1 };
  const { factor } = network;
  return { factor, release, upscale: (pixels, size, signal) => upscaled(pixels, size, factor, shape, run, signal) };
}

/**
 * @param name of the model, for messages
 * @throws ZoetropeError `upscaler/not-opened`, `upscaler/shape`, `upscaler/not-finite`
 */
export async function openUpscaler(
  name: string,
  { create, Tensor, exclusive }: Pick<AnnotatorTools, "create" | "Tensor" | "exclusive">,
): Promise<Upscaler> {
  const session = await exclusive(create).catch((cause: unknown) => {
    throw new ZoetropeError("upscaler/not-opened", {
      message: `${name} could not be opened as an ONNX model.`,
      hint: "Check the path; the file must hold the whole model.",
      cause,
    });
  });
  const release = () => exclusive(() => session.release());
  try {
    const [input, ...others] = session.inputMetadata;
    if (input === undefined || !input.isTensor || others.length > 0 || input.type !== "float32") {
      throw new ZoetropeError("upscaler/shape", {
        message: `${name} has ${session.inputMetadata.length} inputs, or one that is no picture in 32-bit numbers.`,
        hint: "Choose a super-resolution model with one RGB picture in and one out.",
      });
    }
    const run: RunUpscaler = async (pixels, { width, height }) => {
      const fed = new Tensor("float32", pixels, [1, 3, height, width]);
      const { data, dims } = (await exclusive(() => session.run({ [input.name]: fed })))[session.outputNames[0]!]!;
      return { data: Float32Array.from(data as Float32Array), dims };
    };
    const shape = upscalerShape(name, input.shape);
    const factor = await upscalerFactor(name, shape, run);
    return { factor, release, upscale: (pixels, size, signal) => upscaled(pixels, size, factor, shape, run, signal) };
  } catch (thrown) {
    await release();
    throw thrown;
  }
}
