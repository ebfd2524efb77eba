/** Streams weights into their shards: reads, encodes and writes them one after the other, so that only a few are in memory at a time. */

import type { ExternalTensor } from "../formats/onnx/model.ts";
import { encodeWeight } from "./encode-weight.ts";
import { product } from "./shapes.ts";
import { alignedLength, type ShardLayout } from "./shard-layout.ts";
import { storedTensors, type WeightUse } from "./weight-use.ts";

/** Receives the bytes of a component's shards, one after the other. */
export interface ShardSink {
  /** Opens shard `name`; its bytes come in order through `write` until `close`. */
  open(name: string, bytes: number): Promise<ShardWriter>;
}

export interface ShardWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface PackProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Turns weights into the bytes of their encoding, several at a time where there are workers for it. */
export interface WeightEncoder {
  /** The number of calls to `encode` that are worth running at the same time. */
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
        const padding = alignedLength(place.length) - place.length;
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
  const size = ({ shape }: WeightUse) => product(shape);
  try {
    while (next < uses.length || underWay.length > 0) {
      while (next < uses.length && underWay.length <= encoder.lanes) {
        const use = uses[next]!;
        if (underWay.length > 0 && elements + size(use) > MAX_ELEMENTS_UNDER_WAY) break;
        const buffers = encoder.encode(use);
        // We await it later; until then a failure must not count as an unhandled rejection.
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
  return storedTensors(use).map(({ name }) => layout.locate(name));
}
