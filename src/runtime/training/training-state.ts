/**
 * A training between two steps, as plain data: the trained tensors, the optimiser's running means, the steps made, and the settings that
 * they belong to. It can be sent between threads and stored as a safetensors file.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { OptimiserTensors } from "../../core/training/optimiser.ts";
import type { Parameters } from "../../core/training/parameters.ts";
import { encodeSafetensors } from "../../formats/safetensors/writer.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";

export interface KeptTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export interface TrainingState {
  /** Steps made. */
  readonly steps: number;
  /** What must be the same when the training goes on. */
  readonly settings: Readonly<Record<string, string>>;
  /** By the names of the graph's inputs, each after what it is: "value.", "look." (see look.ts), or a name of the optimiser's. */
  readonly tensors: Readonly<Record<string, KeptTensor>>;
}

interface Kept {
  /** What is trained. */
  readonly parameters: Parameters;
  /** What was trained beforehand and stays as it is. */
  readonly look: Parameters;
  readonly optimiser: OptimiserTensors;
}

/** Copies the state, so that training can go on meanwhile. */
export function keptState(
  { parameters, look, optimiser }: Kept,
  steps: number,
  settings: TrainingState["settings"],
): TrainingState {
  const tensors: Record<string, KeptTensor> = {};
  for (const [name, { shape, data }] of parameters) tensors[`value.${name}`] = { shape, data: data.slice() };
  for (const [name, { shape, data }] of look) tensors[`look.${name}`] = { shape, data: data.slice() };
  for (const [name, data] of optimiser) tensors[name] = { shape: [data.length], data: data.slice() };
  return { steps, settings, tensors };
}

/** @throws ZoetropeError `training/resume` if the state belongs to other settings */
export function checkState(state: TrainingState, settings: TrainingState["settings"]): void {
  for (const [name, value] of Object.entries(settings)) {
    const before = state.settings[name];
    if (before !== value) refuse(`was begun with ${name} ${before}; now it is ${value}`);
  }
}

/**
 * Writes the values of a kind into `parameters`.
 * @throws ZoetropeError `training/resume` where one is missing
 */
export function restoreValues({ tensors }: TrainingState, kind: "value" | "look", parameters: Parameters): void {
  for (const [name, { data }] of parameters) {
    const values = tensors[`${kind}.${name}`]?.data;
    data.set(values?.length === data.length ? values : refuse(`has no fitting "${kind}.${name}"`));
  }
}

/** Copies, because the optimiser changes them. */
export function optimiserTensors({ tensors }: TrainingState): OptimiserTensors {
  const own = Object.entries(tensors).filter(([name]) => !/^(value|look)\./.test(name));
  return new Map(own.map(([name, { data }]) => [name, data.slice()]));
}

/** The trained tensors by the names of the graph's inputs. */
export function learnedValues({ tensors }: TrainingState): Parameters {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith("value."));
  return new Map(own.map(([name, tensor]) => [name.slice("value.".length), tensor]));
}

export function encodeState({ steps, settings, tensors }: TrainingState): Uint8Array<ArrayBuffer> {
  const list = Object.entries(tensors).map(([name, tensor]) => ({ name, dtype: "F32" as const, ...tensor }));
  return encodeSafetensors(list, { ...settings, steps: String(steps) });
}

/** @throws ZoetropeError `training/resume` if the file is no such state */
export async function decodeState(file: TensorFile): Promise<TrainingState> {
  const { steps: made, ...settings } = file.metadata;
  const steps = Number(made);
  if (!Number.isInteger(steps)) refuse(`in ${file.name} is no interrupted training`);
  const tensors: Record<string, KeptTensor> = {};
  for (const { name, shape } of file.tensors.values()) tensors[name] = { shape, data: await file.readFloat32(name) };
  return { steps, settings, tensors };
}

function refuse(why: string): never {
  throw new ZoetropeError("training/resume", {
    message: `The state to go on from ${why}.`,
    hint: "Go on with the settings that the training was begun with, or begin anew without a state.",
  });
}
