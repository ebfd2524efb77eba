/** Chooses how a model that draws is used, by its input and outputs. */

import type { Annotator, DescribedOutput, OpenShape } from "./annotator.ts";
import { mapAnnotator } from "./map-annotator.ts";
import { poseAnnotator } from "./pose/pose-annotator.ts";

/**
 * @param name of the model, for messages
 * @param input the shape of its one input
 * @throws ZoetropeError `annotator/shape`
 */
export function annotatorOf(name: string, input: OpenShape, outputs: readonly DescribedOutput[]): Annotator {
  return poseAnnotator(name, input, outputs) ?? mapAnnotator(name, input);
}
