/** Runs the model of a file that draws what a ControlNet is to see (core/preprocess/annotator.ts), on the processor. */

import { basename } from "node:path";
import ort from "onnxruntime-node";
import { ZoetropeError } from "../../core/errors.ts";
import { annotatorInput, annotatorPicture, annotatorPixels, type PictureShape } from "../../core/preprocess/annotator.ts";

/**
 * The pictures [3, H, W] in [0, 1] as the model draws them.
 * @throws ZoetropeError `annotator/not-opened`, `annotator/shape`
 */
export async function annotate(path: string, pictures: readonly Float32Array[], size: PictureShape): Promise<Float32Array[]> {
  const name = basename(path);
  const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 }).catch((cause: unknown) => {
    throw new ZoetropeError("annotator/not-opened", {
      message: `${path} could not be opened as an ONNX model.`,
      hint: "Check the path; the file must hold the whole model.",
      cause,
    });
  });
  try {
    const [input, ...others] = session.inputMetadata;
    if (input === undefined || !input.isTensor || others.length > 0 || input.type !== "float32") {
      throw new ZoetropeError("annotator/shape", {
        message: `${name} has ${session.inputMetadata.length} inputs, or one that is no picture in 32-bit numbers.`,
        hint: "Choose a model with one picture in and one map out, such as Depth Anything exported to ONNX.",
      });
    }
    const own = annotatorInput(name, input.shape);
    const drawn: Float32Array[] = [];
    for (const pixels of pictures) {
      const fed = new ort.Tensor("float32", annotatorPixels(pixels, size, own), [1, 3, own.height, own.width]);
      const map = (await session.run({ [input.name]: fed }))[session.outputNames[0]!]!;
      drawn.push(annotatorPicture(name, Float32Array.from(map.data as Float32Array), map.dims, size));
    }
    return drawn;
  } finally {
    await session.release();
  }
}
