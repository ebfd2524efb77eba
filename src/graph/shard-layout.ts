/**
 * Gives every encoded weight its place in shards, before a byte is read. A layout does not depend on the size of the picture, so one
 * set of shards serves every graph of a model. Shards are small, so that an interrupted conversion resumes where it stopped.
 */

import { BYTES_PER_ELEMENT, type ExternalTensor } from "../formats/onnx/model.ts";
import { product } from "./shapes.ts";
import { storedTensors, type WeightUse } from "./weight-use.ts";

/** The most that an interruption loses. A single tensor may be larger. */
const MAX_SHARD_BYTES = 128 * 2 ** 20;
const ALIGNMENT = 64;
/** Raise it when an encoding writes other bytes for the same layout, so that existing shards are made anew. */
const ENCODING_VERSION = 2;

export class ShardLayout {
  readonly #tensors = new Map<string, ExternalTensor>();
  readonly #sizes = new Map<string, number>();

  /** @param components for each component (its name becomes the shards' prefix) the weights its graphs use */
  constructor(components: Readonly<Record<string, readonly WeightUse[]>>) {
    for (const [component, uses] of Object.entries(components)) {
      const prefix = `${component}-${digest(uses)}`;
      let shard = 0;
      let offset = 0;
      for (const use of uses) {
        for (const { name, type, shape } of storedTensors(use)) {
          const length = product(shape) * BYTES_PER_ELEMENT[type];
          if (offset > 0 && offset + length > MAX_SHARD_BYTES) {
            shard++;
            offset = 0;
          }
          const location = `${prefix}-${shard}.bin`;
          this.#tensors.set(name, { name, type, shape, location, offset, length });
          offset = alignedLength(offset + length);
          this.#sizes.set(location, offset);
        }
      }
    }
  }

  /** Shard names and their sizes in bytes. */
  get shards(): ReadonlyMap<string, number> {
    return this.#sizes;
  }

  get bytes(): number {
    return [...this.#sizes.values()].reduce((a, b) => a + b, 0);
  }

  /** Throws RangeError for a tensor that the layout lacks. */
  locate(name: string): ExternalTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new RangeError(`${name} is not in this layout`);
    return tensor;
  }
}

/** Rounds up to the alignment of tensors within a shard. */
export function alignedLength(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** Digest of the weights in a component's shards and their order (FNV-1a, 32 bits), so that another layout does not find these shards. */
function digest(uses: readonly WeightUse[]): string {
  let hash = 0x811c9dc5 ^ ENCODING_VERSION;
  for (const { key, shape, encoding } of uses) {
    for (const character of `${key} ${encoding.id} ${shape.join("x")};`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
