/** Models that draw one map or picture of a picture: depth, normals, lines. */

import { resizePlanes } from "../animation/resize-planes.ts";
import {
  type Annotator,
  annotatorInput,
  isGiven,
  normalised,
  type OpenShape,
  type OutputTensor,
  type PictureShape,
  refuseAnnotator,
} from "./annotator.ts";

/** Of pictures whose size a model leaves open: a multiple of the patches of 14 and 32 pixels that such models see. */
const OPEN_INPUT = { width: 448, height: 448 };

/**
 * @param shape of its one input
 * @throws ZoetropeError `annotator/shape`
 */
export function mapAnnotator(name: string, shape: OpenShape): Annotator {
  const input = annotatorInput(name, shape, OPEN_INPUT);
  return {
    draws: "map",
    input,
    pixels: (pixels, from) => normalised(resizePlanes(pixels, from, input)),
    picture: ([map], to) => {
      checkMapOutput(name, map!.dims, input);
      return mapPicture(name, map!, to);
    },
  };
}

/** How much broader or narrower a map may be than its picture: models that see patches leave a part of one out. */
const MOST_STRETCH = 1.5;

/**
 * Refuses outputs that are no map as far as their shape says so: boxes, joints and scores are not shaped as the picture is.
 * @throws ZoetropeError `annotator/shape`
 */
export function checkMapOutput(name: string, shape: OpenShape, picture: PictureShape): void {
  const channels = shape.length === 4 || shape.length === 3 ? shape.at(-3) : undefined;
  const tooMany = isGiven(channels) && channels !== 1 && channels !== 3;
  const [height, width] = shape.slice(-2);
  const stretch = isGiven(height) && isGiven(width) ? (width * picture.height) / (height * picture.width) : 1;
  const stretched = Math.max(stretch, 1 / stretch) > MOST_STRETCH;
  if (shape.length < 2 || shape.length > 4 || tooMany || stretched) refuseOutput(name, shape);
}

/** The lowest value is black and the highest white, as ControlNets for depth want what is near. One channel, or three colours. */
function mapPicture(name: string, { data: map, dims }: OutputTensor, to: PictureShape): Float32Array {
  const [height, width] = [dims.at(-2) ?? 0, dims.at(-1) ?? 0];
  const area = height * width;
  const channels = map.length / area;
  if (dims.length < 2 || (channels !== 1 && channels !== 3)) refuseOutput(name, dims);
  const [least, most] = map.reduce(([low, high], x) => [Math.min(low!, x), Math.max(high!, x)], [Infinity, -Infinity]);
  const range = most! - least! || 1;
  const levels = map.map((x) => (x - least!) / range);
  const picture = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++)
    picture.set(channels === 3 ? levels.subarray(channel * area, (channel + 1) * area) : levels, channel * area);
  return resizePlanes(picture, { width, height }, to).map((x) => Math.min(1, Math.max(0, x)));
}

function refuseOutput(name: string, shape: OpenShape): never {
  return refuseAnnotator(`${name} gives an output [${shape.join(", ")}], not one map or picture [1, 1 or 3, height, width].`);
}
