/** Clips without a seam. */

import { toggle } from "./setting.ts";

export const loopSettings = {
  loop: toggle({
    label: "Seamless loop",
    hint: "The last frame runs into the first: windows go round the clip and begin elsewhere on every step.",
    flag: "loop",
    infotext: "Closed loop",
    link: "loop",
    default: false,
  }),
};
