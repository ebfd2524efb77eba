/**
 * Where encoded weights stand: a layout fixed before a byte is read, and the stream that fills it. Nothing in it depends
 * on the size of the picture, so one set of shards serves every graph of the model. Peak memory while packing is a few tensors, never the checkpoint.
 */

import { BYTES_PER_ELEMENT, type ExternalTensor } from "../formats/onnx/model.ts";
import type { WeightUse } from "./graph.ts";

/** onnxruntime on wasm32 cannot map larger ones. */
const MAX_SHARD_BYTES = 1 << 30;
const ALIGNMENT = 64;

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
      let shard = 0;
      let offset = 0;
      for (const use of uses) {
        for (const tensor of use.encoding.tensors(use.shape)) {
          const length = tensor.shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[tensor.type];
          if (offset > 0 && offset + length > MAX_SHARD_BYTES) {
            shard++;
            offset = 0;
          }
          const location = `${component}-${shard}.bin`;
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

/**
 * Reads, encodes and writes each weight once, in the layout's order: read -> merge (inside the source) -> encode -> append.
 * Yields after every weight; ending the generator early leaves a shard that is too short to be taken for a whole one.
 */
export async function* packWeights(
  uses: readonly WeightUse[],
  layout: ShardLayout,
  sink: ShardSink,
): AsyncGenerator<PackProgress, void> {
  const totalBytes = layout.bytes;
  let doneBytes = 0;
  let writer: ShardWriter | null = null;
  let open = "";
  try {
    for (const use of uses) {
      const buffers = use.encoding.encode(await use.source.read(use.key), use.shape);
      for (const [i, tensor] of use.encoding.tensors(use.shape).entries()) {
        const place = layout.locate(`${use.key}|${tensor.suffix}`);
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

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
