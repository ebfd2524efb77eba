/** Remembers how far the clip came that was stopped last, so that the same request goes on from there instead of beginning again. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { RenderRequest } from "../../protocol/engine.ts";
import { Predictions } from "../pipeline/predictions.ts";

export class StoppedClip {
  #key: string | null = null;
  #predictions = new Predictions();

  /** @returns what is known of the request's clip; with nothing known it begins from its first step */
  async begin(request: RenderRequest): Promise<Predictions> {
    const key = await keyOf(request);
    if (key !== this.#key) this.#predictions = new Predictions();
    this.#predictions.rewind(request.settings.stepCache);
    this.#key = key;
    return this.#predictions;
  }

  /** The clip is finished, failed, or a model has changed. */
  forget(): void {
    this.#key = null;
    this.#predictions = new Predictions();
  }
}

/** Equal for requests that make the same clip. Pictures count by their contents, because every message brings other Blobs. */
async function keyOf({ settings, models, start, control, moreControls, likeness, heldFrames }: RenderRequest): Promise<string> {
  const makes = { settings, models, start, control, moreControls, likeness, heldFrames };
  const hashes = new Map(await Promise.all(blobsIn(makes).map(async (blob) => [blob, await hashOf(blob)] as const)));
  return JSON.stringify(makes, (_, value) => (value instanceof Blob ? hashes.get(value) : value));
}

function blobsIn(value: unknown): Blob[] {
  if (value instanceof Blob) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(blobsIn) : [];
}

async function hashOf(blob: Blob): Promise<string> {
  return bytesToHex(sha256(new Uint8Array(await blob.arrayBuffer())));
}
