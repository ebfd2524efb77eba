import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { loadCheckpoint } from "./checkpoint.ts";
import { MINI_CHECKPOINT_FILES, MINI_LEVELS, MINI_MOTION_FILES, MINI_MOTION_SIZE, MINI_SIZE, openMini } from "./mini.ts";
import { loadMotionModule } from "./motion/load.ts";
import { parameterCount } from "./parameter-count.ts";

const read = async (path: string) => new Uint8Array(await readFile(new URL(`../../public/models/mini/${path}`, import.meta.url)));

it("is as large as its card says", async () => {
  const { unet, vae } = await loadCheckpoint(await openMini(MINI_CHECKPOINT_FILES, read));
  const motion = await loadMotionModule(await openMini(MINI_MOTION_FILES, read));
  expect(parameterCount(unet.weights) + parameterCount(vae!.weights)).toBeCloseTo(MINI_SIZE.parameters, -5);
  expect([unet.config.blockOutChannels[0], vae!.config.blockOutChannels[0]]).toEqual([MINI_SIZE.firstWidth, MINI_SIZE.vaeWidth]);
  expect([unet.config.blockOutChannels, motion.config.blockOutChannels]).toEqual([MINI_LEVELS, MINI_LEVELS]);
  expect(parameterCount(motion.weights)).toBeCloseTo(MINI_MOTION_SIZE.parameters, -5);
});
