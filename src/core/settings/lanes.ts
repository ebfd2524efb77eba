/** Numbers that change over the frames of an animation. */

import { EASINGS } from "../animation/easing.ts";
import { LANE_WORDS } from "../animation/lanes.ts";
import { lanes } from "./setting.ts";

export const laneSettings = {
  lanes: lanes({
    label: "Lanes",
    hint: `A number that changes over the frames, such as cfg=0:3,15:smooth:9; it can be ${LANE_WORDS}, and goes over ${EASINGS.join(", ")}.`,
    flag: "lane",
    infotext: "Lanes",
    link: "lane",
    default: [],
  }),
};
