/**
 * Loads T2I-Adapters for SD 1.x: TencentARC's files (`body.0.block1.weight`, the levels in one list), and diffusers' (`adapter.body.0.
 * resnets.0.block1.weight`), whose names are canonical here. Source: TencentARC/T2I-Adapter `adapter.py`, diffusers `FullAdapter`.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { type ModelFile, modelName } from "../files.ts";
import { weightFiles } from "../folder.ts";
import { convPlaces } from "../sd/unet-layout.ts";
import { openTensors, shapeOf, type TensorRef, type TensorTable } from "../tensors.ts";
import type { Component } from "../types.ts";
import { fileWeights, firstStranger, missingWeight, type Place, takePlaces } from "../weights.ts";

export interface T2iConfig {
  /** Width of each level; those of the UNet's levels. */
  readonly channels: readonly number[];
  /** Residual blocks of each level. */
  readonly blocks: number;
  /** Colours of the hint: 3, or 1 for grey pictures such as sketches and edges. */
  readonly hintChannels: number;
}

export interface T2iAdapter extends Component<T2iConfig> {
  readonly name: string;
}

/** Pixels along the side of one latent place, which become channels. */
export const UNSHUFFLED = 8;

const BLOCKS = 2;
const FULL = /^(?:adapter\.)?body\.\d+\.(?:resnets\.\d+\.)?block1\.weight$/;
/** The small "light" ones have blocks of another form. */
const LIGHT = /^(?:adapter\.)?body\.\d+\.(?:body\.\d+\.block1|resnets\.\d+\.block1|out_conv)\.weight$/;

/** True for every file that `loadT2iAdapter` loads or refuses. */
export function isT2iAdapter(table: TensorTable): boolean {
  for (const key of table.keys()) if (FULL.test(key) || LIGHT.test(key)) return true;
  return false;
}

/** @throws ZoetropeError `t2i-adapter/…`, `weights/…` */
export async function loadT2iAdapter(files: readonly ModelFile[]): Promise<T2iAdapter> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table } = await openTensors(parts);
  if ([...table.keys()].some((key) => key.endsWith(".out_conv.weight"))) {
    throw new ZoetropeError("t2i-adapter/light", {
      message: `${fileName} is a light T2I-Adapter, which Zoetrope does not read.`,
      hint: "Choose the full one of the same kind, or a ControlNet for SD 1.5.",
    });
  }
  const named = canonical(table);
  const config = configFrom(named, fileName);
  const taken = takePlaces(named, places(config), fileName);
  const stranger = firstStranger(named, taken, /^(body|conv_in)\./);
  if (stranger !== null) {
    throw new ZoetropeError("t2i-adapter/unknown-layer", {
      message: `${fileName} has a layer that a T2I-Adapter for SD 1.x does not: "${stranger.info.name}".`,
      hint: "Choose a T2I-Adapter for SD 1.5, for example t2iadapter_canny_sd15v2.",
    });
  }
  return { name: modelName(files), config, weights: fileWeights(taken, fileName) };
}

/** TencentARC's list has two blocks a level; a change of width stands before the first of them. */
function canonical(table: TensorTable): Map<string, TensorRef> {
  const named = new Map<string, TensorRef>();
  for (const [key, ref] of table) {
    const own = key.replace(/^adapter\./, "");
    const [, number, rest] = /^body\.(\d+)\.((?:block[12]|in_conv)\..+)$/.exec(own) ?? [];
    const [level, block] = [Math.floor(Number(number) / BLOCKS), Number(number) % BLOCKS];
    if (number === undefined || rest === undefined) named.set(own, ref);
    // diffusers has in_conv at this very name, with the level's number.
    else if (rest.startsWith("in_conv")) named.set(table.has(`adapter.${own}`) ? own : `body.${level}.${rest}`, ref);
    else named.set(`body.${level}.resnets.${block}.${rest}`, ref);
  }
  return named;
}

function configFrom(named: TensorTable, fileName: string): T2iConfig {
  const channels: number[] = [];
  for (;;) {
    const width = shapeOf(named, `body.${channels.length}.resnets.0.block1.weight`)?.[0];
    if (width === undefined) break;
    channels.push(width);
  }
  const [, inputs] = shapeOf(named, "conv_in.weight") ?? missingWeight(fileName, "conv_in.weight");
  return { channels, blocks: BLOCKS, hintChannels: inputs! / UNSHUFFLED ** 2 };
}

function* places({ channels, blocks, hintChannels }: T2iConfig): Iterable<Place> {
  yield* convPlaces("conv_in", channels[0]!, hintChannels * UNSHUFFLED ** 2, 3);
  for (const [level, width] of channels.entries()) {
    const before = channels[level - 1] ?? width;
    if (before !== width) yield* convPlaces(`body.${level}.in_conv`, width, before, 1);
    for (let block = 0; block < blocks; block++) {
      yield* convPlaces(`body.${level}.resnets.${block}.block1`, width, width, 3);
      yield* convPlaces(`body.${level}.resnets.${block}.block2`, width, width, 1);
    }
  }
}
