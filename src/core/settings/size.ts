/** The size and the length of a clip. */

import { number } from "./setting.ts";

export const MAX_FRAMES = 1024;

const side = {
  unit: "pixels",
  inEveryLink: true,
  fromModel: true,
  min: 64,
  max: 2048,
  multipleOf: 8,
  default: 512,
  firstVisit: 128,
  field: { max: 1024, step: 8 },
  advice: "512 is what most SD 1.x models were trained on.",
} as const;

export const sizeSettings = {
  width: number({
    label: "Width",
    hint: "Width of the picture in pixels; models draw best near the size they were trained at.",
    flag: "width",
    infotext: "Size",
    link: "width",
    ...side,
  }),
  height: number({
    label: "Height",
    hint: "Height of the picture in pixels; models draw best near the size they were trained at.",
    flag: "height",
    infotext: "Size",
    link: "height",
    ...side,
  }),
  frames: number({
    label: "Frames",
    hint: "Number of pictures in the animation; motion modules do best with 16.",
    flag: "frames",
    infotext: "Frames",
    link: "frames",
    inEveryLink: true,
    fromModel: true,
    min: 1,
    max: MAX_FRAMES,
    multipleOf: 1,
    default: 16,
    field: { max: 128, step: 1, sliderMax: 64 },
  }),
};
