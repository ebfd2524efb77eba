/**
 * Fails the running tasks of a GPU device when the device is lost, runs out of memory or refuses a command. WebGPU itself throws
 * nothing then: it drops the command, and the results read as zeros.
 */

import { ZoetropeError } from "../../../core/errors.ts";
import { deviceLost, outOfMemory } from "./ort-errors.ts";

/** Milliseconds that a failed task waits for the report of a lost device, which may arrive after the failure that it causes. */
const NEWS = 1000;

export class DeviceWatch {
  // A Promise.race against `device.lost` would keep every result alive as long as the device.
  readonly #underWay = new Set<(error: ZoetropeError) => void>();
  /** A lost device stays lost, and weights that could not be allocated are missing in every run. */
  #ended: ZoetropeError | null = null;

  constructor(device: Pick<GPUDevice, "lost" | "addEventListener">) {
    device.lost.then(({ message }) => this.#end(deviceLost(message)));
    device.addEventListener("uncapturederror", (event) => {
      const { error } = event as GPUUncapturedErrorEvent;
      if (error instanceof GPUOutOfMemoryError) this.#end(outOfMemory(error));
      else this.#fail(refused(error));
    });
  }

  /** The task's result. @throws ZoetropeError `device/lost`, `device/out-of-memory` or `device/refused` */
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
        // onnxruntime's error may be a consequence of the device's error, which takes precedence if it arrives in time.
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
