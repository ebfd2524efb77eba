/**
 * Super-resolution networks from files of weights: ESRGAN's RRDBNet (4x-UltraSharp, RealESRGAN_x4plus, BSRGAN, …) and Real-ESRGAN's
 * compact SRVGGNetCompact (realesr-general-x4v3, realesr-animevideov3, …). The sizes follow from the tensors' shapes.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { ModelFile } from "../files.ts";
import { weightFiles } from "../folder.ts";
import { convPlaces } from "../sd/unet-layout.ts";
import { openTensors, type TensorRef, type TensorTable } from "../tensors.ts";
import type { WeightSource } from "../types.ts";
import { fileWeights, firstStranger, missingWeight, type Place, takePlaces } from "../weights.ts";
import { type NamedUpscaler, namedUpscaler } from "./names.ts";

/** Weights by BasicSR's names. */
export type UpscalerNetwork = {
  readonly weights: WeightSource;
  /** How many times larger the pictures come out. */
  readonly factor: number;
} & (
  | { readonly kind: "compact" /** Convolutions. */; readonly layers: number }
  | {
      readonly kind: "rrdb";
      readonly blocks: number;
      /** Enlargements by two behind the blocks. */
      readonly doublings: number;
      /** Side of the squares of pixels that become channels before the first layer; 1: none. */
      readonly unshuffle: number;
    }
);

const FACTORS = [2, 3, 4];
const HINT = "Choose an ESRGAN or Real-ESRGAN model for colour pictures that enlarges them two to four times.";

/** True for every file that `loadUpscaler` loads or refuses. */
export function isUpscaler(table: TensorTable): boolean {
  return namedUpscaler(table) !== null;
}

/** @throws ZoetropeError `upscaler/shape`, `weights/…`, `model/unknown-layer` */
export async function loadUpscaler(files: readonly ModelFile[]): Promise<UpscalerNetwork> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const named = namedUpscaler((await openTensors(parts)).table);
  if (named === null) {
    throw new ZoetropeError("upscaler/shape", {
      message: `${fileName} is no super-resolution model that Zoetrope knows.`,
      hint: HINT,
    });
  }
  return named.kind === "compact" ? compact(named, fileName) : rrdb(named, fileName);
}

function compact({ tensors }: NamedUpscaler, fileName: string): UpscalerNetwork {
  const [width] = kernel(tensors, "body.0.weight", fileName);
  let last = 0;
  while (tensors.has(`body.${last + 2}.weight`)) last += 2;
  const [out] = kernel(tensors, `body.${last}.weight`, fileName);
  const factor = known(Math.sqrt(out / 3), fileName);
  const places = Array.from({ length: last / 2 + 1 }, (_, i): Place[] => [
    ...convPlaces(`body.${2 * i}`, 2 * i === last ? out : width, i === 0 ? 3 : width, 3),
    ...(2 * i === last ? [] : [[`body.${2 * i + 1}.weight`, [width]] as Place]),
  ]).flat();
  return { kind: "compact", layers: last / 2 + 1, factor, weights: taken(tensors, places, fileName) };
}

function rrdb({ tensors }: NamedUpscaler, fileName: string): UpscalerNetwork {
  const [width, input] = kernel(tensors, "conv_first.weight", fileName);
  const [growth] = kernel(tensors, "body.0.rdb1.conv1.weight", fileName);
  const blocks = count(tensors, (i) => `body.${i}.rdb1.conv1.weight`);
  const doublings = count(tensors, (i) => `conv_up${i + 1}.weight`);
  const unshuffle = Math.sqrt(input / 3);
  const factor = known(2 ** doublings / unshuffle, fileName);
  const dense = (path: string) =>
    Array.from({ length: 5 }, (_, i) => [
      ...convPlaces(`${path}.conv${i + 1}`, i === 4 ? width : growth, width + i * growth, 3),
    ]).flat();
  const places: Place[] = [
    ...convPlaces("conv_first", width, input, 3),
    ...Array.from({ length: 3 * blocks }, (_, i) => dense(`body.${Math.floor(i / 3)}.rdb${(i % 3) + 1}`)).flat(),
    ...["conv_body", ...Array.from({ length: doublings }, (_, i) => `conv_up${i + 1}`), "conv_hr"].flatMap((path) => [
      ...convPlaces(path, width, width, 3),
    ]),
    ...convPlaces("conv_last", 3, width, 3),
  ];
  return { kind: "rrdb", blocks, doublings, unshuffle, factor, weights: taken(tensors, places, fileName) };
}

function count(tensors: TensorTable, name: (i: number) => string): number {
  let n = 0;
  while (tensors.has(name(n))) n++;
  return n;
}

function kernel(tensors: ReadonlyMap<string, TensorRef>, key: string, fileName: string): readonly [out: number, input: number] {
  const [out = 0, input = 0] = (tensors.get(key) ?? missingWeight(fileName, key)).info.shape;
  return [out, input];
}

function known(factor: number, fileName: string): number {
  if (FACTORS.includes(factor)) return factor;
  const message = `${fileName} does not enlarge colour pictures two to four times.`;
  throw new ZoetropeError("upscaler/shape", { message, hint: HINT });
}

function taken(tensors: ReadonlyMap<string, TensorRef>, places: readonly Place[], fileName: string): WeightSource {
  const found = takePlaces(tensors, places, fileName);
  const stranger = firstStranger(tensors, found, /^(body|conv_|model|RRDB_trunk)/);
  if (stranger !== null) {
    const message = `${fileName} has a layer that this kind of super-resolution model does not: "${stranger.info.name}".`;
    throw new ZoetropeError("model/unknown-layer", { message, hint: HINT });
  }
  return fileWeights(found, fileName);
}
