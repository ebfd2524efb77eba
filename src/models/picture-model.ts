/**
 * Whole networks as ONNX files with one picture in: models that draw what a ControlNet is to see (depth, normals, lines, a pose), and
 * super-resolution models.
 */

import { ZoetropeError } from "../core/errors.ts";
import type { Annotator } from "../core/preprocess/annotator.ts";
import { annotatorOf } from "../core/preprocess/annotator-of.ts";
import { checkMapOutput } from "../core/preprocess/map-annotator.ts";
import { upscalerShape } from "../core/upscale.ts";
import { ONNX_TYPE } from "../formats/onnx/model.ts";
import { type OnnxInterface, readOnnxInterface } from "../formats/onnx/reader.ts";
import type { ModelFile } from "./files.ts";

export type PictureModel =
  | { readonly kind: "upscaler"; readonly side: number | null }
  | ({ readonly kind: "preprocessor" } & Pick<Annotator, "draws" | "input">);

/** @throws ZoetropeError `annotator/shape`, `annotator/external`, `upscaler/shape`, `onnx/…` */
export async function loadPictureModel({ source }: ModelFile): Promise<PictureModel> {
  const found = await readOnnxInterface(source);
  const { inputs, outputs, external } = found;
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || input.type !== ONNX_TYPE.float32) {
    throw new ZoetropeError("annotator/shape", {
      message: `${source.name} has ${inputs.length} inputs, or one that is no picture in 32-bit numbers.`,
      hint: "Of ONNX files Zoetrope uses models with one picture in and one map out, such as Depth Anything, a pose or a larger picture out.",
    });
  }
  if (external) {
    throw new ZoetropeError("annotator/external", {
      message: `The weights of ${source.name} lie in another file.`,
      hint: "Choose a version of the model that is a single file.",
    });
  }
  if (enlarges(found)) return { kind: "upscaler", ...upscalerShape(source.name, input.shape) };
  const { draws, input: size } = annotatorOf(source.name, input.shape, outputs);
  if (draws === "map" && outputs[0] !== undefined) checkMapOutput(source.name, outputs[0].shape, size);
  return { kind: "preprocessor", draws, input: size };
}

/** By the sizes of its pictures; where the file leaves them open, by the operators that make colours larger. */
function enlarges({ inputs, outputs, operators }: OnnxInterface): boolean {
  const [before, after] = [inputs[0]!.shape, outputs[0]?.shape ?? []];
  if (before.length !== 4 || after.length !== 4 || after[1] === 1) return false;
  const [from, to] = [before[3], after[3]];
  if (typeof from === "number" && typeof to === "number" && from > 0 && to > 0) return to >= 2 * from;
  return (
    operators.has("DepthToSpace") || (after[1] === 3 && ["Resize", "Upsample", "ConvTranspose"].some((op) => operators.has(op)))
  );
}
