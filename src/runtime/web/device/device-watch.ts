/**
 * Makes what is under way on a GPU device fail when the device goes, has no memory left or refuses what it is told. WebGPU throws
 * nothing then: it drops the command, and what should have been computed reads as zeros.
 */

import { ZoetropeError } from "../../../core/errors.ts";
import { deviceLost, outOfMemory } from "./ort-errors.ts";

/** How long a failed task waits for the news that its device has gone, which may come after the failure it causes, ms. */
const NEWS = 1000;

export class DeviceWatch {
  // No Promise.race against `device.lost`: it would keep every result alive as long as the device.
  readonly #underWay = new Set<(error: ZoetropeError) => void>();
  /** A device that has gone stays so, and weights that found no room are missing in every run. */
  #ended: ZoetropeError | null = null;

  constructor(device: Pick<GPUDevice, "lost" | "addEventListener">) {
    device.lost.then(({ message }) => this.#end(deviceLost(message)));
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      if (error instanceof GPUOutOfMemoryError) this.#end(outOfMemory(error));
      else this.#fail(refused(error));
    });
  }

  /** The task's result, or why the device did not compute it: `device/lost`, `device/out-of-memory` or `device/refused`. */
  during<T>(task: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== null) reject(this.#ended);
      this.#underWay.add(reject);
      const settle = () => this.#underWay.delete(reject);
      task.then(
        (result) => {
          settle();
          resolve(result);
        },
        // onnxruntime's own error may only be a consequence; the device's comes first if it is heard of in time.
        (thrown) =>
          setTimeout(() => {
            settle();
            reject(thrown);
          }, NEWS),
      );
    });
  }

  #end(error: ZoetropeError): void {
    this.#ended ??= error;
    this.#fail(this.#ended);
  }

  #fail(error: ZoetropeError): void {
    for (const fail of this.#underWay) fail(error);
  }
}

function refused(error: GPUError): ZoetropeError {
  const reason = error.message.trim().split("\n")[0]!.replace(/\.$/, "");
  return new ZoetropeError("device/refused", {
    message: `The graphics card refused a part of the computation (${reason}).`,
    hint: "Generate again; if it happens again, choose the processor under Device.",
    cause: error,
  });
}
