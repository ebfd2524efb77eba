/**
 * A training between two steps, as plain data: the trained tensors and the optimiser's moments, the steps made, and the settings that
 * they belong to. It can be sent between threads and stored as a safetensors file.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { AdamW, Moments } from "../../core/training/adamw.ts";
import type { Parameters } from "../../core/training/parameters.ts";
import { encodeSafetensors } from "../../formats/safetensors/writer.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";

export interface TrainingState {
  /** Steps made. */
  readonly steps: number;
  /** What must be the same when the training goes on. */
  readonly settings: Readonly<Record<string, string>>;
  /** By the names of the graph's inputs, each after "value.", "first-moment." or "second-moment.". */
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array<ArrayBuffer> }>>;
}

const PARTS = { value: "value.", first: "first-moment.", second: "second-moment." } as const;

/** Copies the state, so that training can go on meanwhile. */
export function keptState(
  parameters: Parameters,
  { moments }: AdamW,
  steps: number,
  settings: TrainingState["settings"],
): TrainingState {
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }> = {};
  for (const [name, { shape, data }] of parameters) {
    const { first, second } = moments.get(name) ?? {
      first: new Float32Array(data.length),
      second: new Float32Array(data.length),
    };
    tensors[PARTS.value + name] = { shape, data: data.slice() };
    tensors[PARTS.first + name] = { shape, data: first.slice() };
    tensors[PARTS.second + name] = { shape, data: second.slice() };
  }
  return { steps, settings, tensors };
}

/**
 * Writes the values into `parameters`.
 * @returns the optimiser's moments
 * @throws ZoetropeError `training/resume` if the state belongs to other settings
 */
export function restoreState(
  state: TrainingState,
  parameters: Parameters,
  settings: TrainingState["settings"],
): ReadonlyMap<string, Moments> {
  for (const [name, value] of Object.entries(settings)) {
    const before = state.settings[name];
    if (before !== value) refuse(`was begun with ${name} ${before}; now it is ${value}`);
  }
  const moments = new Map<string, Moments>();
  for (const [name, { data }] of parameters) {
    const read = (part: string) => {
      const values = state.tensors[part + name]?.data;
      return values?.length === data.length ? values.slice() : refuse(`has no fitting "${part}${name}"`);
    };
    data.set(read(PARTS.value));
    moments.set(name, { first: read(PARTS.first), second: read(PARTS.second) });
  }
  return moments;
}

/** The trained tensors by the names of the graph's inputs. */
export function learnedValues({ tensors }: TrainingState): Parameters {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(PARTS.value));
  return new Map(own.map(([name, tensor]) => [name.slice(PARTS.value.length), tensor]));
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
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }> = {};
  for (const { name, shape } of file.tensors.values()) {
    tensors[name] = { shape, data: await file.readFloat32(name) };
  }
  return { steps, settings, tensors };
}

function refuse(why: string): never {
  throw new ZoetropeError("training/resume", {
    message: `The state to go on from ${why}.`,
    hint: "Go on with the settings that the training was begun with, or begin anew without a state.",
  });
}
