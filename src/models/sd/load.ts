/** Loads the three components of Stable Diffusion 1.x from named tensors: canonical names, configuration, all places checked. */

import { ZoetropeError } from "../../core/errors.ts";
import { findTextEncoder, findUnet, findVae, type LocatedComponent } from "../anatomy.ts";
import type { ConfigJson } from "../config-json.ts";
import { checkDivision } from "../division.ts";
import { below, type TensorRef, type TensorTable } from "../tensors.ts";
import type { Component, KlVaeConfig, TextConfig, UnetConfig } from "../types.ts";
import { fileWeights, firstStranger, type NamedTensors, takePlaces } from "../weights.ts";
import { textFromJson, unetFromJson, vaeFromJson } from "./json-to-config.ts";
import { textFromShapes, unetFromShapes, vaeFromShapes } from "./shapes-to-config.ts";
import { canonicalText, textPlaces } from "./text-keys.ts";
import { canonicalUnet } from "./unet-keys.ts";
import { unetPlaces } from "./unet-layout.ts";
import { canonicalVae, vaePlaces } from "./vae-keys.ts";

/** The UNet in `table`, or null if it holds none. */
export function loadUnet(table: TensorTable, config: ConfigJson | null, fileName: string): Component<UnetConfig> | null {
  const part = findUnet(table);
  if (part === null) return null;
  const named = namesOf(table, part, canonicalUnet);
  const found = unetFromShapes(named, fileName);
  const unet = config === null ? found : unetFromJson(config, found);
  refuseOtherInputs(unet, fileName);
  checkDivision(unet.blockOutChannels, unet.heads, "attention heads", fileName);
  checkDivision(unet.blockOutChannels, unet.normGroups, "norm groups", fileName);
  const taken = takePlaces(named, unetPlaces(unet), fileName);
  refuseStrangers(
    named,
    taken,
    /^(down_blocks|up_blocks|mid_block|input_blocks|output_blocks|middle_block|label_emb|class_embed|add_embed|encoder_hid|position_net)/,
    fileName,
  );
  return { config: unet, weights: fileWeights(taken, fileName) };
}

/** Inpainting (9) and picture-editing (8) checkpoints take more than the noisy latents. */
function refuseOtherInputs({ inChannels, outChannels }: UnetConfig, fileName: string): void {
  if (inChannels === 4 && outChannels === 4) return;
  const kind =
    inChannels === 9
      ? "an inpainting checkpoint"
      : inChannels === 8
        ? "a picture-editing checkpoint"
        : "no text-to-image checkpoint";
  throw new ZoetropeError("checkpoint/other-inputs", {
    message: `${fileName} is ${kind}: its UNet takes ${inChannels} channels and gives ${outChannels}, where 4 and 4 are needed.`,
    hint: "Choose the ordinary version of the same checkpoint.",
  });
}

export function loadVaeFrom(table: TensorTable, config: ConfigJson | null, fileName: string): Component<KlVaeConfig> | null {
  const part = findVae(table);
  if (part === null) return null;
  const named = canonicalVae(below(table, part.prefix));
  const found = vaeFromShapes(named, fileName);
  const vae = config === null ? found : vaeFromJson(config, found);
  if (vae.latentChannels !== 4 || vae.scalingFactor === 0.13025) {
    const kind = vae.latentChannels === 4 ? "the VAE of SDXL" : `a VAE with ${vae.latentChannels} latent channels`;
    throw new ZoetropeError("vae/other-family", {
      message: `${fileName} is ${kind}; Stable Diffusion 1.x has its own, with 4.`,
      hint: "Choose a VAE made for SD 1.5, for example vae-ft-mse-840000.",
    });
  }
  checkDivision(vae.blockOutChannels, vae.normGroups, "norm groups", fileName);
  const taken = takePlaces(named, vaePlaces(vae), fileName);
  refuseStrangers(named, taken, /^(encoder|decoder)\./, fileName);
  return { config: vae, weights: fileWeights(taken, fileName) };
}

export function loadTextEncoder(table: TensorTable, config: ConfigJson | null, fileName: string): Component<TextConfig> | null {
  const part = findTextEncoder(table);
  if (part === null) return null;
  const named = canonicalText(below(table, part.prefix));
  const found = textFromShapes(named, fileName);
  const text = config === null ? found : textFromJson(config, found);
  return { config: text, weights: fileWeights(takePlaces(named, textPlaces(text), fileName), fileName) };
}

function namesOf(
  table: TensorTable,
  part: LocatedComponent,
  canonical: (own: TensorTable) => Map<string, TensorRef>,
): Map<string, TensorRef> {
  const own = below(table, part.prefix);
  return part.naming === "ldm" ? canonical(own) : own;
}

/** A tensor inside the blocks that the architecture has no place for would change the picture if it were ignored. */
function refuseStrangers(named: TensorTable, taken: NamedTensors, inside: RegExp, fileName: string): void {
  const stranger = firstStranger(named, taken, inside);
  if (stranger === null) return;
  throw new ZoetropeError("model/unknown-layer", {
    message: `${fileName} has a layer that Stable Diffusion 1.x does not: "${stranger.info.name}".`,
    hint: "The model has been extended in a way Zoetrope does not know. Choose a plain SD 1.5 checkpoint.",
  });
}
