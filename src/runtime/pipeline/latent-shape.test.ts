import { expect, it } from "vitest";
import { SD1_FAMILY } from "../../models/model-family.ts";
import { kitModels } from "../testing/kit-models.ts";
import { latentShape } from "./latent-shape.ts";

const { unet, family } = await kitModels();
const clip = { frames: 3, width: 96, height: 72 };

it("SD 1.x's latents have an eighth of the side, in four channels", () => {
  expect(family).toEqual({ ...SD1_FAMILY, latentScale: family.latentScale });
  expect(latentShape(clip, { unet, family })).toEqual({ frames: 3, channels: 4, height: 9, width: 12 });
});

it("with a VAE factor of 16 a side that is no multiple of it is refused, with the next one that is", () => {
  const deep = { ...family, vaeFactor: 16 };
  expect(latentShape({ ...clip, height: 64 }, { unet, family: deep })).toMatchObject({ height: 4, width: 6 });
  expect(() => latentShape(clip, { unet, family: deep })).toThrow("the height must be a multiple of 16 pixels; it is 72");
});
