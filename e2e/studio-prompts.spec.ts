/** Mini follows its prompt: these tests measure the subject's colour and motion in the exported GIF. */

import { test } from "@playwright/test";
import { type ColourName, subjectArea, subjectCentre, subjectColours, subjectPath } from "./testing/picture-measures.ts";
import { expect, sharedStudio } from "./testing/studio-test.ts";

interface Claim {
  readonly prompt: string;
  readonly seed: number;
  readonly colour: ColourName;
  readonly motion: "left" | "right" | "up";
}

/** Plain walls have another hue than the subject, so that the measures can separate the two. */
const CLAIMS: readonly Claim[] = [
  { prompt: "a star moving to the left on a purple background", seed: 1, colour: "yellow", motion: "left" },
  { prompt: "a lemon moving to the right on a blue background", seed: 2, colour: "yellow", motion: "right" },
  { prompt: "a green apple rising on a pink background", seed: 1, colour: "green", motion: "up" },
];

/**
 * Least share of the subject's pixels with the colour, which must also be the commonest; outlines and shades have other
 * colours.
 */
const LEAST_SHARE = 0.4;
/** Distances as shares of the picture's width or height. */
const LEAST_WAY = 0.25;

const shared = sharedStudio();

for (const { prompt, seed, colour, motion } of CLAIMS) {
  test(prompt, async () => {
    const { studio } = shared;
    await studio.prompt(prompt);
    await studio.set({ Seed: seed, Steps: 20, Frames: 16 });
    await studio.generate();
    const { gif } = await studio.exportGif();
    const pictures = gif.frames.map((rgba) => ({ width: gif.width, height: gif.height, rgba }));
    const colours = subjectColours(pictures);
    const path = subjectPath(pictures);
    const areas = pictures.map(subjectArea);
    const ranked = Object.entries(colours).sort(([, a], [, b]) => b - a);
    const shares = ranked.slice(0, 4).map(([name, share]) => `${name} ${Math.round(share * 100)} %`);
    const [across, height, straight] = [path.across, path.heightRange, path.straightness].map((value) => value.toFixed(2));
    const [smallest, largest] = [Math.min(...areas), Math.max(...areas)].map((area) => `${(area * 100).toFixed(1)} %`);
    console.log(`  ${prompt}, seed ${seed}: ${shares.join(", ")}`);
    console.log(`    way across ${across} (R² ${straight}), height range ${height}, area ${smallest} to ${largest}`);

    expect(ranked[0]?.[0], "the subject's commonest colour").toBe(colour);
    expect(colours[colour] ?? 0, `share of ${colour} in the subject`).toBeGreaterThanOrEqual(LEAST_SHARE);
    if (motion === "right") expect(path.across).toBeGreaterThanOrEqual(LEAST_WAY);
    if (motion === "left") expect(path.across).toBeLessThanOrEqual(-LEAST_WAY);
    if (motion === "up") {
      expect(path.heightRange).toBeGreaterThanOrEqual(LEAST_WAY);
      expect(Math.abs(path.across)).toBeLessThan(LEAST_WAY);
      const [first, last] = [subjectCentre(pictures[0]!), subjectCentre(pictures.at(-1)!)];
      expect(last!.y, "it ends higher than it began").toBeLessThan(first!.y);
    }
  });
}
