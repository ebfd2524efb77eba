/** Models that draw what a ControlNet is to see (depth, normals, lines), as ONNX files with one picture in and one map out. */

import { ZoetropeError } from "../core/errors.ts";
import { annotatorInput, checkAnnotatorOutput, type PictureShape } from "../core/preprocess/annotator.ts";
import { ONNX_TYPE } from "../formats/onnx/model.ts";
import { readOnnxInterface } from "../formats/onnx/reader.ts";
import type { ModelFile } from "./files.ts";

export interface Annotator {
  /** The size of the pictures that it sees. */
  readonly input: PictureShape;
}

/** @throws ZoetropeError `annotator/shape`, `annotator/external`, `onnx/…` */
export async function loadAnnotator({ source }: ModelFile): Promise<Annotator> {
  const { inputs, outputs, external } = await readOnnxInterface(source);
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || input.type !== ONNX_TYPE.float32) {
    throw new ZoetropeError("annotator/shape", {
      message: `${source.name} has ${inputs.length} inputs, or one that is no picture in 32-bit numbers.`,
      hint: "Of ONNX files Zoetrope uses models with one picture in and one map out, such as Depth Anything.",
    });
  }
  const size = annotatorInput(source.name, input.shape);
  if (outputs[0] !== undefined) checkAnnotatorOutput(source.name, outputs[0].shape);
  if (external) {
    throw new ZoetropeError("annotator/external", {
      message: `The weights of ${source.name} lie in another file.`,
      hint: "Choose a version of the model that is a single file.",
    });
  }
  return { input: size };
}
