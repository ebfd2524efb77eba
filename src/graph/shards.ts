/**
 * Where encoded weights stand: a layout fixed before a byte is read, and the stream that fills it. Nothing in it depends
 * on the size of the picture, so one set of shards serves every graph of the model. Peak memory while packing is a few tensors, never the checkpoint.
 * Shards are small, so that a conversion that was interrupted goes on where it was.
 */

import { BYTES_PER_ELEMENT, type ExternalTensor } from "../formats/onnx/model.ts";
import { encodeWeight } from "./encode-weight.ts";
import type { WeightUse } from "./graph.ts";

/** What an interruption loses at most. A single tensor may be larger. */
const MAX_SHARD_BYTES = 128 * 2 ** 20;
const ALIGNMENT = 64;
/** To be raised when the same layout gets other bytes: shards of before are then made anew. */
const ENCODING_VERSION = 2;

/** Receives the bytes of a component's shards, one after the other. */
export interface ShardSink {
  /** Opens shard `name`; its bytes come in order through `write` until `close`. */
  open(name: string, bytes: number): Promise<ShardWriter>;
}

export interface ShardWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

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
        for (const tensor of use.encoding.tensors(use.shape)) {
          const length = tensor.shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[tensor.type];
          if (offset > 0 && offset + length > MAX_SHARD_BYTES) {
            shard++;
            offset = 0;
          }
          const location = `${prefix}-${shard}.bin`;
          const name = `${use.key}|${tensor.suffix}`;
          this.#tensors.set(name, { name, type: tensor.type, shape: tensor.shape, location, offset, length });
          offset = align(offset + length);
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

  locate(name: string): ExternalTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new RangeError(`${name} is not in this layout`);
    return tensor;
  }
}

export interface PackProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Turns weights into the bytes of their encoding, several at a time where there are workers for it. */
export interface WeightEncoder {
  /** How many calls to `encode` are worth having under way together. */
  readonly lanes: number;
  encode(use: WeightUse): Promise<readonly Uint8Array[]>;
}

/** In this thread. */
export const encodeHere: WeightEncoder = {
  lanes: 1,
  encode: async ({ source, key, shape, encoding }) =>
    source.stored === undefined
      ? encoding.encode(await source.read(key), shape)
      : encodeWeight(await source.stored(key), shape, encoding),
};

/** Elements under way at a time, unless a single weight has more: what bounds the memory of a conversion. */
const MAX_ELEMENTS_UNDER_WAY = 48e6;

/**
 * Reads, encodes and writes each weight of the shards that are `missing`, in the layout's order. Yields after every weight;
 * ending the generator early leaves a shard that is too short to be taken for a whole one.
 */
export async function* packWeights(
  uses: readonly WeightUse[],
  layout: ShardLayout,
  sink: ShardSink,
  encoder: WeightEncoder = encodeHere,
  missing: ReadonlySet<string> = new Set(layout.shards.keys()),
): AsyncGenerator<PackProgress, void> {
  const wanted = uses.filter((use) => placesOf(use, layout).some(({ location }) => missing.has(location)));
  const totalBytes = [...missing].reduce((sum, name) => sum + layout.shards.get(name)!, 0);
  let doneBytes = 0;
  let writer: ShardWriter | null = null;
  let open = "";
  try {
    for await (const [use, buffers] of encodeAhead(wanted, encoder)) {
      for (const [i, place] of placesOf(use, layout).entries()) {
        if (!missing.has(place.location)) continue;
        if (place.location !== open) {
          await writer?.close();
          writer = await sink.open(place.location, layout.shards.get(place.location)!);
          open = place.location;
        }
        await writer!.write(buffers[i]!);
        const padding = align(place.length) - place.length;
        if (padding > 0) await writer!.write(new Uint8Array(padding));
        doneBytes += place.length + padding;
      }
      yield { doneBytes, totalBytes };
    }
  } finally {
    await writer?.close();
  }
}

/** Encoded weights in order, the next ones already under way. */
async function* encodeAhead(
  uses: readonly WeightUse[],
  encoder: WeightEncoder,
): AsyncGenerator<readonly [WeightUse, readonly Uint8Array[]]> {
  const underWay: { readonly use: WeightUse; readonly buffers: Promise<readonly Uint8Array[]> }[] = [];
  let elements = 0;
  let next = 0;
  const size = ({ shape }: WeightUse) => shape.reduce((a, b) => a * b, 1);
  try {
    while (next < uses.length || underWay.length > 0) {
      while (next < uses.length && underWay.length <= encoder.lanes) {
        const use = uses[next]!;
        if (underWay.length > 0 && elements + size(use) > MAX_ELEMENTS_UNDER_WAY) break;
        const buffers = encoder.encode(use);
        // It is looked at in its turn; a failure before that is no stray one.
        buffers.catch(() => undefined);
        underWay.push({ use, buffers });
        elements += size(use);
        next++;
      }
      const { use, buffers } = underWay.shift()!;
      yield [use, await buffers];
      elements -= size(use);
    }
  } finally {
    await Promise.allSettled(underWay.map(({ buffers }) => buffers));
  }
}

function placesOf(use: WeightUse, layout: ShardLayout): ExternalTensor[] {
  return use.encoding.tensors(use.shape).map((t) => layout.locate(`${use.key}|${t.suffix}`));
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** Names what a component's shards hold and in which order (FNV-1a, 32 bits): another layout never finds the shards of this one. */
function digest(uses: readonly WeightUse[]): string {
  let hash = 0x811c9dc5 ^ ENCODING_VERSION;
  for (const { key, shape, encoding } of uses) {
    for (const character of `${key} ${encoding.id} ${shape.join("x")};`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
