/** Failures of the browser's own storage, as errors that tell a person what to do. */

import { ZoetropeError } from "../core/errors.ts";

export function storageFull(cause?: unknown): ZoetropeError {
  return new ZoetropeError("storage/full", {
    message: "This browser has no room left for the model on this device.",
    hint: "Remove models you no longer use from the shelf, or free some disk space, and try again.",
    cause,
  });
}

export function missingShard(name: string, cause?: unknown): ZoetropeError {
  return new ZoetropeError("storage/missing-shard", {
    message: `A part of the converted model is missing from this browser's storage (${name}).`,
    hint: "Generate again: it is converted anew.",
    cause,
  });
}

/** A file that a person added is gone: unlike a converted shard it cannot be made again from what is stored. */
export function missingFile(path: string, cause?: unknown): ZoetropeError {
  return new ZoetropeError("storage/missing-file", {
    message: `A file of this model is missing from this browser's storage (${path}).`,
    hint: "Remove the model from the shelf and add its file again.",
    cause,
  });
}

/** A failed file operation as a ZoetropeError when its meaning is known; any other thrown value unchanged. */
export function translateStorageError(thrown: unknown): unknown {
  return thrown instanceof DOMException && thrown.name === "QuotaExceededError" ? storageFull(thrown) : thrown;
}
