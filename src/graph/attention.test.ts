import { expect, it } from "vitest";
import { floatOutput, floats } from "../runtime/engine/backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { relL2 } from "../runtime/testing/parity-kit.ts";
import { attention } from "./attention.ts";
import { Graph } from "./graph.ts";
import { ShardLayout } from "./shard-layout.ts";
import type { GraphStyle } from "./style.ts";

const wave = (shape: readonly number[], step: number) =>
  floats(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * step)),
    shape,
  );

const [heads, q, kv] = [2, [5, 12, 8], [5, 9, 8]] as const;

function build(style: Pick<GraphStyle, "attention" | "maxScores">): Graph {
  const graph = new Graph("t", { precision: "fp32", ...style });
  const [a, b, c] = [graph.input("q", "float32", q), graph.input("k", "float32", kv), graph.input("v", "float32", kv)];
  graph.output("y", attention(a, b, c, heads));
  return graph;
}

// 12 queries × 9 keys × 2 heads are 216 scores for each of five batch entries.
it.each([
  ["two entries at a time", 2 * 216, 3],
  ["one entry at a time", 216, 5],
  ["five queries at a time", 5 * 18, 15],
] as const)("attention in chunks is the same attention: %s", async (_, maxScores, pieces) => {
  const backend = await createNodeBackend({ threads: 1 });
  try {
    const run = async (graph: Graph) => {
      const session = await backend.createSession(graph.encode(new ShardLayout({})), []);
      return floatOutput(await session.run({ q: wave(q, 0.7), k: wave(kv, 0.3), v: wave(kv, 0.9) }), "y");
    };
    const whole = await run(build({ attention: "plain" }));
    for (const form of ["fused", "plain"] as const) {
      const graph = build({ attention: form, maxScores });
      expect(graph.operators().get(form === "fused" ? "MultiHeadAttention" : "Softmax")).toBe(pieces);
      expect(relL2(await run(graph), whole)).toBeLessThan(1e-6);
    }
  } finally {
    await backend.dispose();
  }
});
