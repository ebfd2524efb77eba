import { expect, it } from "vitest";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { hollow } from "../../models/testing/listings.ts";
import { motionFitsNotice } from "./motion-fits.ts";

const checkpoint = async (listing: string, name: string) => ({ name, unet: (await loadCheckpoint(hollow(listing))).unet.config });

it("a motion module that is added says which checkpoints it fits, unless it fits them all", async () => {
  const [wide, tiny] = [await checkpoint("sd15", "Toon"), await checkpoint("tiny-sd15", "Mini")];
  const { config } = await loadMotionModule(hollow("motion-v3"));
  expect(motionFitsNotice("mm", config, [wide])).toBeNull();
  expect(motionFitsNotice("mm", config, [wide, tiny])).toBe("mm fits Toon, and no other checkpoint here.");
  expect(motionFitsNotice("mm", config, [tiny])).toBe(
    "mm fits none of the checkpoints here: it was made for one with levels of widths 320, 640, 1280, 1280. Add such a checkpoint to use it.",
  );
});
