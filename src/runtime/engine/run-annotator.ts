/** Runs a model that draws what a ControlNet is to see (core/preprocess/annotator.ts), on the processor. */

import type { InferenceSession, Tensor } from "onnxruntime-common";
import { ZoetropeError } from "../../core/errors.ts";
import { type PictureShape, refuseAnnotator } from "../../core/preprocess/annotator.ts";
import { annotatorOf } from "../../core/preprocess/annotator-of.ts";

export interface AnnotatorTools {
  /** Opens the model. */
  readonly create: () => Promise<InferenceSession>;
  readonly Tensor: typeof Tensor;
  /** Round every call of the session. */
  readonly exclusive: <T>(call: () => Promise<T>) => Promise<T>;
  readonly signal?: AbortSignal;
  /** Hears how many pictures are drawn. */
  readonly drawn?: (count: number) => void;
}

/** Types of tensors whose data are plain numbers in JavaScript. */
const NUMBERS = /^(float(32|64)|u?int(8|16|32))$/;

/**
 * The pictures [3, H, W] in [0, 1] as the model draws them.
 * @param name of the model, for messages
 * @throws ZoetropeError `annotator/not-opened`, `annotator/shape`
 */
export async function annotate(
  name: string,
  pictures: readonly Float32Array[],
  size: PictureShape,
  { create, Tensor, exclusive, signal, drawn: report }: AnnotatorTools,
): Promise<Float32Array[]> {
  const session = await exclusive(create).catch((cause: unknown) => {
    throw new ZoetropeError("annotator/not-opened", {
      message: `${name} could not be opened as an ONNX model.`,
      hint: "Check the path; the file must hold the whole model.",
      cause,
    });
  });
  try {
    const [input, ...others] = session.inputMetadata;
    if (input === undefined || !input.isTensor || others.length > 0 || input.type !== "float32") {
      throw new ZoetropeError("annotator/shape", {
        message: `${name} has ${session.inputMetadata.length} inputs, or one that is no picture in 32-bit numbers.`,
        hint: "Choose a model with one picture in and one map out, such as Depth Anything exported to ONNX, or a pose model such as RTMPose.",
      });
    }
    const outputs = session.outputMetadata.map((output) => ({ name: output.name, shape: output.isTensor ? output.shape : [] }));
    const annotator = annotatorOf(name, input.shape, outputs);
    const { width, height } = annotator.input;
    const drawn: Float32Array[] = [];
    for (const pixels of pictures) {
      signal?.throwIfAborted();
      const fed = new Tensor("float32", annotator.pixels(pixels, size), [1, 3, height, width]);
      const given = await exclusive(() => session.run({ [input.name]: fed }));
      const tensors = session.outputNames.map((output) => given[output]!);
      const copies = tensors.map(({ dims, type, data }) => {
        if (!NUMBERS.test(type)) refuseAnnotator(`${name} gives numbers of type ${type}, not of float32.`);
        return { dims, data: Float32Array.from(data as Float32Array) };
      });
      drawn.push(annotator.picture(copies, size));
      report?.(drawn.length);
    }
    return drawn;
  } finally {
    await exclusive(() => session.release());
  }
}
