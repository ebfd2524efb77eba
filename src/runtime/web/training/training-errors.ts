/** Failures of a training in words that tell a person what is kept and what to do. */

import { ZoetropeError } from "../../../core/errors.ts";

/** The device's own failures speak of animations. */
export function trainingError(thrown: unknown): ZoetropeError {
  const error = ZoetropeError.from(thrown);
  switch (error.code) {
    case "device/out-of-memory":
      return new ZoetropeError(error.code, {
        message: "There is not enough memory on this device for this training.",
        hint: "Close other tabs and go on, or begin again with a smaller batch or resolution.",
        cause: error,
      });
    case "device/lost":
      return new ZoetropeError(error.code, {
        message: "The graphics card stopped working for this page twice in the same step.",
        hint: "What was learned so far is kept: go on, or put it on the shelf. Restarting the browser may help.",
        cause: error,
      });
    default:
      return error;
  }
}

/** @throws ZoetropeError `training/no-room` if there is no room for what `write` stores after so many steps */
export async function withRoom(write: Promise<void>, step: number): Promise<void> {
  try {
    await write;
  } catch (thrown) {
    if (!(thrown instanceof ZoetropeError && thrown.code === "storage/full")) throw thrown;
    throw new ZoetropeError("training/no-room", {
      message: "This browser has no room left to keep the training.",
      hint:
        step === 0
          ? "Free some disk space or remove models, and try again."
          : `Step ${step} is only in this tab. Free some disk space or remove models, and go on; or download what was learned.`,
      cause: thrown,
    });
  }
}
