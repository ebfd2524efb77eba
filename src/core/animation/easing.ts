/** How an animation goes over from one key to the next. */

export const EASINGS = ["linear", "smooth", "ease-in", "ease-out", "hold"] as const;

/** "hold" keeps the key before until the frame of the next one. */
export type Easing = (typeof EASINGS)[number];

export const EASING_LABELS: Readonly<Record<Easing, string>> = {
  linear: "Evenly",
  smooth: "Smoothly",
  "ease-in": "Slowly at first",
  "ease-out": "Slowly at the end",
  hold: "At once",
};

export function isEasing(text: string | undefined): text is Easing {
  return (EASINGS as readonly (string | undefined)[]).includes(text);
}

/** @param mix share of the way in [0, 1] that an even pace has covered @returns the share covered */
export function eased(mix: number, easing: Easing): number {
  switch (easing) {
    case "linear":
      return mix;
    case "smooth":
      return mix * mix * (3 - 2 * mix);
    case "ease-in":
      return mix * mix;
    case "ease-out":
      return mix * (2 - mix);
    case "hold":
      return mix < 1 ? 0 : 1;
  }
}
