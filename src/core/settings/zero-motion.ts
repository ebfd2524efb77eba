/** Motion without a motion module (Text2Video-Zero). */

import { number, toggle } from "./setting.ts";

const DISTANCE = {
  unit: "pixels",
  min: -256,
  max: 256,
  multipleOf: 0.01,
  default: 12,
  field: { min: -64, max: 64, step: 1 },
  advice: "12 is usual; 0 stands still.",
} as const;

export const zeroMotionSettings = {
  zeroMotion: toggle({
    label: "Text2Video-Zero",
    hint: "Moves the picture in one direction without a motion module: every frame looks at the first, and the motion module rests.",
    flag: "text2video-zero",
    infotext: "Text2Video-Zero",
    link: "zero",
    default: false,
  }),
  zeroMotionX: number({
    label: "Motion to the left",
    hint: "Text2Video-Zero moves the picture so far from frame to frame, in pixels of a picture 512 wide; below 0, to the right.",
    flag: "motion-x",
    infotext: "Text2Video-Zero X",
    link: "zero-x",
    ...DISTANCE,
  }),
  zeroMotionY: number({
    label: "Motion upwards",
    hint: "Text2Video-Zero moves the picture so far from frame to frame, in pixels of a picture 512 high; below 0, downwards.",
    flag: "motion-y",
    infotext: "Text2Video-Zero Y",
    link: "zero-y",
    ...DISTANCE,
  }),
};
