/**
 * Training data with every number given, for comparison with other implementations: `latents` and `noise` [N, B, C, h, w] or
 * [N, B, F, C, h, w], `timesteps` [N, B], `text_table` [P, tokens, D] and `text_index` [N, B]; `init.KEY` holds start values.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";
import { loraFactors } from "../../graph/trained-layers.ts";
import type { WeightSource } from "../../models/types.ts";
import type { LowRank } from "./teachable.ts";
import type { BatchShape, TrainingData } from "./training-data.ts";

const START = "init.";

export interface Fixture {
  /** Of its file. */
  readonly name: string;
  readonly data: TrainingData;
  readonly shape: BatchShape;
  /** Batches that it holds. */
  readonly steps: number;
  /** Start values by their KEY. */
  readonly start: ReadonlyMap<string, { readonly shape: readonly number[]; read(): Promise<Float32Array> }>;
}

/** @throws ZoetropeError `training/fixture` where tensors are missing or do not fit together */
export async function readFixture(file: TensorFile): Promise<Fixture> {
  const shapeOf = (name: string): readonly number[] => file.tensors.get(name)?.shape ?? refuse(file, `it lacks "${name}"`);
  const [steps, batch, ...sample] = shapeOf("latents") as [number, number, ...number[]];
  if (sample.length !== 3 && sample.length !== 4) refuse(file, `its latents have ${sample.length + 2} dimensions, not 5 or 6`);
  const [channels, height, width] = sample.slice(-3) as [number, number, number];
  const [, textTokens, textWidth] = shapeOf("text_table") as [number, number, number];
  const [latents, noise, table] = await Promise.all(["latents", "noise", "text_table"].map((name) => file.readFloat32(name)));
  const [timesteps, index] = await Promise.all(["timesteps", "text_index"].map((name) => integers(file, name)));
  if (noise!.length !== latents!.length) refuse(file, "its noise has another size than its latents");
  for (const list of [timesteps!, index!])
    if (list.length !== steps * batch) refuse(file, "it lacks a timestep or text for a sample");

  const length = latents!.length / steps;
  const textLength = textTokens * textWidth;
  const at = <T extends { subarray(from: number, to: number): T }>(values: T, step: number, each: number): T =>
    values.subarray(step * each, (step + 1) * each);
  const shape = { batch, frames: sample.length === 4 ? sample[0]! : null, channels, height, width, textTokens };
  const data: TrainingData = {
    batch: async (step) => {
      const text = new Float32Array(batch * textLength);
      const rows = index!.slice(step * batch, (step + 1) * batch);
      for (const [i, row] of rows.entries()) text.set(at(table!, row, textLength), i * textLength);
      const own = timesteps!.slice(step * batch, (step + 1) * batch);
      return { shape, latents: at(latents!, step, length), noise: at(noise!, step, length), timesteps: own, text, ids: null };
    },
  };
  const start = [...file.tensors.values()]
    .filter(({ name }) => name.startsWith(START))
    .map(({ name, shape }) => [name.slice(START.length), { shape, read: () => file.readFloat32(name) }] as const);
  return { name: file.name, data, shape, steps, start: new Map(start) };
}

async function integers(file: TensorFile, name: string): Promise<number[]> {
  if (file.tensors.get(name)?.dtype !== "I64") return refuse(file, `"${name}" must be int64`);
  const bytes = Uint8Array.from(await file.readBytes(name));
  return Array.from(new BigInt64Array(bytes.buffer), Number);
}

/**
 * The layers that a fixture gives start values for, and these by the names of the graph's inputs.
 * @param fileName the fixture's name of a factor
 * @throws ZoetropeError `training/fixture` where a start value belongs to no layer or has another shape
 */
export function startOf({ start, name }: Fixture, source: WeightSource, fileName: (factor: string) => string): FixtureLayers {
  const keys = [...source.keys()].filter((key) => key.endsWith(".weight") && start.has(fileName(loraFactors(key).down)));
  const known = new Set(keys.flatMap((key) => Object.values(loraFactors(key)).map(fileName)));
  const stranger = [...start.keys()].find((own) => !known.has(own));
  if (stranger !== undefined || keys.length === 0) {
    refuse({ name }, keys.length === 0 ? "it has no start values for a layer" : `"${stranger}" belongs to no layer of the model`);
  }
  return {
    keys,
    start: async (factor, shape) => {
      const found = start.get(fileName(factor));
      const fits = found?.shape.length === shape.length && found.shape.every((d, i) => d === shape[i]);
      if (!fits) refuse({ name }, `"${fileName(factor)}" should have shape ${shape.join("×")}`);
      return found!.read();
    },
  };
}

export interface FixtureLayers {
  readonly keys: readonly string[];
  readonly start: LowRank["start"];
}

function refuse(file: Pick<TensorFile, "name">, why: string): never {
  throw new ZoetropeError("training/fixture", {
    message: `${file.name} is no training fixture: ${why}.`,
    hint: "docs/training.md lists the tensors of a fixture.",
  });
}
