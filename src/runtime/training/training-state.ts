/** An interrupted training as a file: the parameters, the optimiser's moments, the steps made, and the settings they belong to. */

import { ZoetropeError } from "../../core/errors.ts";
import type { Moments } from "../../core/training/adamw.ts";
import type { Parameters } from "../../core/training/parameters.ts";
import { encodeSafetensors } from "../../formats/safetensors/writer.ts";
import type { TensorFile } from "../../formats/tensor-file.ts";

export interface TrainingState {
  readonly steps: number;
  readonly moments: ReadonlyMap<string, Moments>;
}

const PARTS = { value: "value.", first: "first-moment.", second: "second-moment." } as const;

/** @param settings what must be the same when the training goes on */
export function stateFile(
  parameters: Parameters,
  { steps, moments }: TrainingState,
  settings: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const tensors = [...parameters].flatMap(([name, { shape, data }]) => {
    const { first, second } = moments.get(name) ?? {
      first: new Float32Array(data.length),
      second: new Float32Array(data.length),
    };
    const tensor = (part: string, values: Float32Array) => ({ name: part + name, dtype: "F32" as const, shape, data: values });
    return [tensor(PARTS.value, data), tensor(PARTS.first, first), tensor(PARTS.second, second)];
  });
  return encodeSafetensors(tensors, { ...settings, steps: String(steps) });
}

/**
 * Reads the state, and writes the values into `parameters`.
 * @throws ZoetropeError `training/resume` if the file is no such state, or one of other settings
 */
export async function readState(
  file: TensorFile,
  parameters: Parameters,
  settings: Readonly<Record<string, string>>,
): Promise<TrainingState> {
  const steps = Number(file.metadata.steps);
  if (!Number.isInteger(steps)) refuse(file, "is no interrupted training");
  for (const [name, value] of Object.entries(settings)) {
    if (file.metadata[name] !== value) refuse(file, `was begun with ${name} ${file.metadata[name]}; now it is ${value}`);
  }
  const moments = new Map<string, Moments>();
  for (const [name, { data }] of parameters) {
    const read = async (part: string) => {
      const values = file.tensors.has(part + name) ? await file.readFloat32(part + name) : null;
      return values?.length === data.length ? values : refuse(file, `has no fitting "${part}${name}"`);
    };
    data.set(await read(PARTS.value));
    moments.set(name, { first: await read(PARTS.first), second: await read(PARTS.second) });
  }
  return { steps, moments };
}

function refuse({ name }: TensorFile, why: string): never {
  throw new ZoetropeError("training/resume", {
    message: `${name} ${why}.`,
    hint: "Go on with the settings that the training was begun with, or begin anew without --resume.",
  });
}
