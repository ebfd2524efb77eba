/** Loads a checkpoint (single file or diffusers folder) or a stand-alone VAE. Only headers are read here. */

import { ZoetropeError } from "../core/errors.ts";
import { refuseOtherFamily } from "./families.ts";
import { type ModelFile, modelName } from "./files.ts";
import { byFolder, configOf, weightFiles } from "./folder.ts";
import { loadTextEncoder, loadUnet, loadVaeFrom } from "./sd/load.ts";
import { SD_DEFAULTS, schedulerDefaults, singleFileDefaults } from "./sd/sampling-defaults.ts";
import { loadTinyVae } from "./sd/tiny-vae.ts";
import { SD_VAE_FACTOR, vaeFactor } from "./sd/vae-factor.ts";
import { openTensors } from "./tensors.ts";
import type { Checkpoint, Component, KlVaeConfig, SamplingDefaults, TextConfig, UnetConfig, VaeConfig } from "./types.ts";

/** Classes of components that a pipeline folder may hold and an animation does not need. */
const BYSTANDERS = /SafetyChecker|CLIPVision/;

/** A single file, or the files of a diffusers folder. Components that are not there are null, except the UNet. */
export async function loadCheckpoint(files: readonly ModelFile[]): Promise<Checkpoint> {
  const folders = byFolder(files);
  return folders.size > 1 ? loadFolder(folders, modelName(files)) : loadSingle(files);
}

async function loadSingle(files: readonly ModelFile[]): Promise<Checkpoint> {
  const parts = await weightFiles(files);
  const name = modelName(files);
  const fileName = parts[0]!.source.name;
  const { table, metadata } = await openTensors(parts);
  refuseOtherFamily(table, "checkpoint", fileName);
  const unet = loadUnet(table, await configOf(files), fileName) ?? refuseWithoutUnet(fileName);
  const textEncoder = loadTextEncoder(table, null, fileName);
  checkTextWidth(unet, textEncoder, fileName);
  return {
    name,
    unet,
    textEncoder,
    vae: loadVaeFrom(table, null, fileName),
    defaults: withSize(
      singleFileDefaults((key) => table.has(key), metadata),
      unet.config,
      null,
      null,
    ),
    notices: [],
  };
}

async function loadFolder(folders: ReadonlyMap<string, ModelFile[]>, name: string): Promise<Checkpoint> {
  let unet: Component<UnetConfig> | null = null;
  let textEncoder: Component<TextConfig> | null = null;
  let vae: Component<KlVaeConfig> | null = null;
  let defaults: SamplingDefaults = SD_DEFAULTS;
  let notices: readonly string[] = [];
  let sampleSize: number | null = null;
  for (const files of folders.values()) {
    const scheduler = await configOf(files, "scheduler_config.json");
    if (scheduler !== null) ({ defaults, notices } = schedulerDefaults(scheduler));
    const config = await configOf(files);
    if (config === null || scheduler !== null || BYSTANDERS.test(config.className())) continue;
    const parts = await weightFiles(files);
    const { table } = await openTensors(parts);
    const fileName = parts[0]!.path;
    refuseOtherFamily(table, "checkpoint", fileName);
    const foundUnet = loadUnet(table, config, fileName);
    if (foundUnet !== null) sampleSize = config.has("sample_size") ? config.number("sample_size", 0) : null;
    unet ??= foundUnet;
    vae ??= loadVaeFrom(table, config, fileName);
    textEncoder ??= foundUnet === null ? loadTextEncoder(table, config, fileName) : null;
  }
  unet ??= refuseWithoutUnet(name);
  checkTextWidth(unet, textEncoder, name);
  return { name, unet, textEncoder, vae, defaults: withSize(defaults, unet.config, vae, sampleSize), notices };
}

function checkTextWidth(unet: Component<UnetConfig>, text: Component<TextConfig> | null, fileName: string): void {
  if (text === null || text.config.hiddenSize === unet.config.crossAttentionDim) return;
  throw new ZoetropeError("checkpoint/mixed", {
    message: `${fileName} mixes two models: its text encoder is ${text.config.hiddenSize} wide, its UNet listens to ${unet.config.crossAttentionDim}.`,
    hint: "Take all parts of the model from one download.",
  });
}

/** Adds the picture's size in pixels: the UNet's sample size, which is in latents, times the VAE's factor; 512 for a UNet as wide as SD 1.x. */
function withSize(
  defaults: SamplingDefaults,
  unet: UnetConfig,
  vae: Component<KlVaeConfig> | null,
  sampleSize: number | null,
): SamplingDefaults {
  const factor = vae === null ? SD_VAE_FACTOR : vaeFactor(vae.config);
  const side = sampleSize !== null ? factor * sampleSize : unet.blockOutChannels[0] === 320 ? 512 : null;
  return { ...defaults, width: side, height: side };
}

function refuseWithoutUnet(fileName: string): never {
  throw new ZoetropeError("checkpoint/no-unet", {
    message: `${fileName} is not a Stable Diffusion checkpoint: it holds no UNet.`,
    hint: "Choose a checkpoint trained on SD 1.5. Its file is usually about 2 or 4 GB.",
  });
}

/** A VAE by itself, a diffusers VAE folder, the VAE inside a checkpoint, or TAESD. */
export async function loadVae(files: readonly ModelFile[]): Promise<Component<VaeConfig>> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table } = await openTensors(parts);
  const vae = loadVaeFrom(table, await configOf(files), fileName) ?? loadTinyVae(table, fileName);
  if (vae !== null) return vae;
  throw new ZoetropeError("vae/not-a-vae", {
    message: `${fileName} holds no VAE.`,
    hint: "Choose a VAE made for SD 1.5, for example vae-ft-mse-840000.",
  });
}
