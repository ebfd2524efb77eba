/** What can go wrong with the browser's own storage, said so that a person can act on it. */

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

/** A failed file operation as a ZoetropeError where its meaning is known; everything else as it is. */
export function translateStorageError(thrown: unknown): unknown {
  return thrown instanceof DOMException && thrown.name === "QuotaExceededError" ? storageFull(thrown) : thrown;
}
