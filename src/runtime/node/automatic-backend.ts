/** `--backend auto`: the graphics card if it computes correctly and no slower than the processor, else the processor. */

import { ZoetropeError } from "../../core/errors.ts";
import { Graph } from "../../graph/graph.ts";
import { matmul } from "../../graph/ops.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { type Backend, floats } from "../engine/backend.ts";
import { createNodeBackend, type NodeBackendOptions } from "./backend.ts";

/** Drivers that compute on the processor, such as lavapipe, pass the self-test and take a hundred times as long as a card. */
const SIDE = 768;
/** A card in a laptop may lose such a small race and win a render, which has larger products. */
const SLOWER_AT_MOST = 3;

/** @returns the device, and a sentence for the person that says which one it is and why */
export async function automaticBackend(
  options: Omit<NodeBackendOptions, "device">,
): Promise<{ readonly backend: Backend; readonly notice: string }> {
  const cpu = await createNodeBackend(options);
  try {
    const card = await createNodeBackend({ ...options, device: "webgpu" });
    const [cardMs, cpuMs] = [await productMs(card), await productMs(cpu)];
    if (cardMs <= SLOWER_AT_MOST * cpuMs) {
      await cpu.dispose();
      return { backend: card, notice: "Rendering on the graphics card." };
    }
    await card.dispose();
    return { backend: cpu, notice: "Rendering on the processor: what offers itself as a graphics card is slower here." };
  } catch (thrown) {
    const reason = thrown instanceof ZoetropeError ? thrown.message : "The graphics card failed a first computation.";
    return { backend: cpu, notice: `Rendering on the processor. ${reason}` };
  }
}

/** Milliseconds of one matrix product, the second of two. */
async function productMs(backend: Backend): Promise<number> {
  const graph = new Graph("race", { precision: "fp32", attention: "plain" });
  const shape = [SIDE, SIDE];
  const [a, b] = [graph.input("a", "float32", shape), graph.input("b", "float32", shape)];
  graph.output("product", matmul(a, b));
  const session = await backend.createSession(graph.encode(new ShardLayout({})), []);
  const inputs = {
    a: floats(new Float32Array(SIDE * SIDE).fill(0.5), shape),
    b: floats(new Float32Array(SIDE * SIDE).fill(0.5), shape),
  };
  await session.run(inputs);
  const began = performance.now();
  await session.run(inputs);
  const ms = performance.now() - began;
  await session.release();
  return ms;
}
