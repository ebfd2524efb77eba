/** The ONNX model of a graph with its weights inside: for small networks that are opened now and then, so that no shards need to be kept. */

import type { Graph } from "./graph.ts";
import { encodeHere } from "./shards.ts";
import { storedTensors } from "./weight-use.ts";

/** @throws what reading the weights throws */
export async function wholeModel(graph: Graph): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = [];
  for (const use of graph.weights) {
    const bytes = await encodeHere.encode(use);
    tensors.push(...storedTensors(use).map(({ name, type, shape }, i) => ({ name, type, shape, bytes: bytes[i]! })));
  }
  return graph.encodeWith(tensors);
}
