/** Makes what is under way on a GPU device fail with `device/lost` when the device goes. */

import type { ZoetropeError } from "../../core/errors.ts";
import { deviceLost } from "./ort-errors.ts";

/** How long a failed task waits for the news that its device has gone, which may come after the failure it causes, ms. */
const NEWS = 1000;

export class LossWatch {
  // No Promise.race against `device.lost`: it would keep every result alive as long as the device.
  readonly #underWay = new Set<(error: ZoetropeError) => void>();
  #lost: ZoetropeError | null = null;

  constructor(device: Pick<GPUDevice, "lost">) {
    device.lost.then(({ message }) => {
      this.#lost = deviceLost(message);
      for (const fail of this.#underWay) fail(this.#lost);
    });
  }

  /** The task's result, or `device/lost` when the device has gone or goes meanwhile. */
  during<T>(task: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost !== null) reject(this.#lost);
      this.#underWay.add(reject);
      const settle = () => this.#underWay.delete(reject);
      task.then(
        (result) => {
          settle();
          resolve(result);
        },
        // After a loss onnxruntime's own error is only a consequence; `fail` comes first if the loss is heard of in time.
        (thrown) =>
          setTimeout(() => {
            settle();
            reject(thrown);
          }, NEWS),
      );
    });
  }
}
