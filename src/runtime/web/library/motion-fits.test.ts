import { expect, it } from "vitest";
import { loadCheckpoint } from "../../../models/checkpoint.ts";
import { loadMotionModule } from "../../../models/motion/load.ts";
import { hollow } from "../../../models/testing/listings.ts";
import { fits, mayFit, motionFitsNotice } from "./motion-fits.ts";

const unetOf = async (listing: string) => (await loadCheckpoint(hollow(listing))).unet.config;

it("names the checkpoints that a motion module fits, unless it fits them all", async () => {
  const { config } = await loadMotionModule(hollow("motion-v3"));
  const wide = { name: "Toon", fits: fits(await unetOf("sd15"), config) };
  const tiny = { name: "Mini", fits: fits(await unetOf("tiny-sd15"), config) };
  expect(motionFitsNotice("mm", config, [wide])).toBeNull();
  expect(motionFitsNotice("mm", config, [wide, tiny])).toBe("mm fits Toon, and no other checkpoint here.");
  expect(motionFitsNotice("mm", config, [tiny])).toBe(
    "mm fits none of the checkpoints here: it was made for one with levels of widths 320, 640, 1280, 1280. Add such a checkpoint to use it.",
  );
});

it("widths alone can exclude a checkpoint, without fetching it", async () => {
  const { config } = await loadMotionModule(hollow("motion-v3"));
  expect(mayFit((await unetOf("sd15")).blockOutChannels, config)).toBe(true);
  expect(mayFit((await unetOf("tiny-sd15")).blockOutChannels, config)).toBe(false);
  expect(mayFit(undefined, config)).toBe(true);
});
