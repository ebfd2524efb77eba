import { expect, test } from "vitest";
import { familyWithVae, SD1_FAMILY } from "./model-family.ts";
import type { KlVaeConfig } from "./types.ts";

const vae: KlVaeConfig = {
  kind: "kl",
  latentChannels: 4,
  blockOutChannels: [128, 256, 512, 512],
  layersPerBlock: 2,
  normGroups: 32,
  midAttention: true,
  quantConv: true,
  postQuantConv: true,
  scalingFactor: 0.18215,
};

test("SD 1.x's VAE realises its family as it is", () => {
  expect(familyWithVae(SD1_FAMILY, vae, null)).toEqual(SD1_FAMILY);
});

test("a VAE of five levels and eight channels has latents of a sixteenth of the side, and a preview of its own", () => {
  const preview = { matrix: Array.from({ length: 3 }, () => new Array<number>(8).fill(0.1)), bias: [0, 0, 0] };
  const deep = { ...vae, blockOutChannels: [16, 32, 64, 64, 64], latentChannels: 8, scalingFactor: 0.5 };
  expect(familyWithVae(SD1_FAMILY, deep, preview)).toMatchObject({ vaeFactor: 16, latentChannels: 8, latentScale: 0.5, preview });
});
