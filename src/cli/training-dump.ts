/** The tensors of a training that parity is measured on: losses, norms, the first step's gradients and the final values. */

import type { Parameters } from "../core/training/parameters.ts";
import type { FileTensor } from "../runtime/training/file-names.ts";
import type { TrainEvent } from "../runtime/training/train.ts";
import type { DumpTensor } from "./output.ts";

export class TrainingDump {
  readonly #loss: number[] = [];
  readonly #gradNorm: number[] = [];
  #first: TrainEvent["gradients"] = new Map();

  take({ step, loss, gradNorm, gradients }: TrainEvent): void {
    if (step === 0) this.#first = gradients;
    this.#loss.push(loss);
    this.#gradNorm.push(gradNorm);
  }

  /** @param names what files call each parameter */
  tensors(parameters: Parameters, names: ReadonlyMap<string, FileTensor>): DumpTensor[] {
    const row = (name: string, values: readonly number[]) => ({ name, shape: [values.length], data: Float32Array.from(values) });
    const named = (group: string, parameter: string, data: Float32Array) => {
      const { name, shape } = names.get(parameter)!;
      return { name: `${group}.${name}`, shape, data };
    };
    return [
      row("loss", this.#loss),
      row("grad_norm", this.#gradNorm),
      ...[...this.#first].map(([parameter, data]) => named("grad", parameter, data)),
      ...[...parameters].map(([parameter, { data }]) => named("final", parameter, data)),
    ];
  }
}
