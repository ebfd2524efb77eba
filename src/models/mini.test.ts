import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { loadCheckpoint } from "./checkpoint.ts";
import {
  MINI_CHECKPOINT_FILES,
  MINI_CHECKPOINTS,
  MINI_LEVELS,
  MINI_LORAS,
  MINI_MOTION_FILES,
  MINI_MOTION_SIZE,
  MINI_SIZE,
  openMini,
} from "./mini.ts";
import { loadMotionModule } from "./motion/load.ts";
import { parameterCount } from "./parameter-count.ts";
import { vaeFactor } from "./sd/vae-factor.ts";

const from = (folder: string) => async (path: string) =>
  new Uint8Array(await readFile(new URL(`../../public/models/${folder}/${path}`, import.meta.url)));

it.each(MINI_CHECKPOINTS.map(({ id }) => id))("%s is as large as its entry says", async (id) => {
  const { unet, vae } = await loadCheckpoint(await openMini(MINI_CHECKPOINT_FILES, from(id)));
  expect(parameterCount(unet.weights) + parameterCount(vae!.weights)).toBeCloseTo(MINI_SIZE.parameters, -5);
  expect([unet.config.blockOutChannels[0], vae!.config.blockOutChannels[0]]).toEqual([MINI_SIZE.firstWidth, MINI_SIZE.vaeWidth]);
  expect(vaeFactor(vae!.config)).toBe(MINI_SIZE.vaeFactor);
  expect(unet.config.blockOutChannels).toEqual(MINI_LEVELS);
});

it("has a motion module as large as its entry says", async () => {
  const motion = await loadMotionModule(await openMini(MINI_MOTION_FILES, from("mini")));
  expect(motion.config.blockOutChannels).toEqual(MINI_LEVELS);
  expect(parameterCount(motion.weights)).toBeCloseTo(MINI_MOTION_SIZE.parameters, -5);
});

it("offers every LoRA that was published with it, and no other", async () => {
  const published = ["loras", "motion-loras"].map(async (folder) => {
    const names = await readdir(new URL(`../../public/models/mini/${folder}/`, import.meta.url));
    return names.map((name) => `${folder}/${name}`);
  });
  expect(MINI_LORAS.map(({ file }) => file).toSorted()).toEqual((await Promise.all(published)).flat().toSorted());
});
