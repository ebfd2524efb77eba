/** Opens a graph as a session of onnxruntime-node on one thread with random inputs, for the graph benchmarks to time. */

import type { Graph } from "../src/graph/graph.ts";
import { ShardLayout } from "../src/graph/shard-layout.ts";
import { packWeights } from "../src/graph/shards.ts";
import type { Backend, HostTensor } from "../src/runtime/engine/backend.ts";

export interface OpenGraph {
  readonly weightBytes: number;
  /** CPU milliseconds of one run. */
  time(): Promise<number>;
  run(): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

let count = 0;

export async function openGraph(backend: Backend, graph: Graph): Promise<OpenGraph> {
  const layout = new ShardLayout({ [`bench${count++}`]: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  return openPacked(backend, graph, layout);
}

/** Opens a graph whose shards are there already. */
export async function openPacked(backend: Backend, graph: Graph, layout: ShardLayout): Promise<OpenGraph> {
  const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
  const inputs = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, noise(shape)]));
  const run = () => session.run(inputs);
  return {
    weightBytes: layout.bytes,
    run,
    time: async () => {
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    },
    release: () => session.release(),
  };
}

/** Seeded noise with about the spread of latents. */
function noise(shape: readonly number[]): HostTensor {
  let state = 12345;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state / 2 ** 32 - 0.5) * 3;
  });
  return { type: "float32", shape, data };
}

/** Alternates between the candidates, so that a machine that slows down affects all alike. @returns the median of each, ms */
export async function interleaved(candidates: readonly OpenGraph[], rounds: number): Promise<number[]> {
  const times = candidates.map((): number[] => []);
  for (const candidate of candidates) await candidate.run();
  for (let round = 0; round < rounds; round++) {
    for (const [i, candidate] of candidates.entries()) times[i]!.push(await candidate.time());
  }
  return times.map(median);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
