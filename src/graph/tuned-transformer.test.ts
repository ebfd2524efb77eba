import { afterAll, beforeAll, expect, it } from "vitest";
import { type Backend, floatOutput, floats } from "../runtime/engine/backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { kitTensors, relL2 } from "../runtime/testing/parity-kit.ts";
import { type SeenFrames, spatialTransformer } from "./blocks.ts";
import { differentiate } from "./differentiate/differentiate.ts";
import { Graph } from "./graph.ts";
import { TRAINING_STYLE } from "./objective.ts";
import { mul, sum } from "./ops.ts";
import { Scope } from "./scope.ts";
import { ShardLayout } from "./shard-layout.ts";
import { packWeights } from "./shards.ts";
import type { GraphStyle } from "./style.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

// e2e/parity/make_tuned_clip_case.py
const golden = await kitTensors("tuned-clip/transformer.safetensors");
const shapeOf = (name: string) => golden.tensors.get(name)!.shape;
const read = (name: string) => golden.readFloat32(name);
const trained = [...golden.tensors.keys()].flatMap((name) => /^grad\.(.+)/.exec(name)?.[1] ?? []);

const weights = {
  has: (key: string) => golden.tensors.has(`weights.${key}`),
  shape: (key: string) => {
    const [out, inputs, ...pointwise] = shapeOf(`weights.${key}`);
    return pointwise.length > 0 || inputs !== undefined ? [out!, inputs!] : [out!];
  },
  keys: () => [],
  read: (key: string) => read(`weights.${key}`),
};

/** Outputs `y`, and the gradients of the sum of y × factor where something is trained. */
async function run(style: GraphStyle, sees: SeenFrames, whole: ReadonlySet<string> = new Set()) {
  const graph = new Graph("t", style);
  const source = { ...weights, trained: { whole, ranks: new Map(), scale: 1 } };
  const g = new Scope(graph, source);
  const input = (name: string) => graph.input(name, "float32", shapeOf(name));
  const [x, text] = [input("x"), input("text")];
  const sources = (path: string) => {
    const block = g.at(path.slice("p.".length));
    return [{ k: block.linear("to_k", text), v: block.linear("to_v", text) }];
  };
  const y = spatialTransformer(g, "p", x, sources, { groups: 4, heads: 2, sees });
  graph.output("y", y);
  const wrt = graph.inputs.filter(({ name }) => whole.has(name));
  if (wrt.length > 0) {
    const product = mul(y, input("factor"));
    const gradients = differentiate(sum(product, [0, 1, 2, 3]), wrt);
    for (const [i, gradient] of gradients.entries()) graph.output(`grad.${wrt[i]!.name}`, gradient);
  }
  const layout = new ShardLayout({ [`${sees}-${style.attention}-${whole.size}`]: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
  const feeds = graph.inputs.map(async ({ name, shape }) => {
    return [name, floats(await read(whole.has(name) ? `weights.${name}` : name), shape)] as const;
  });
  return session.run(Object.fromEntries(await Promise.all(feeds)));
}

it.each(["fused", "plain"] as const)("frames look at the first and the one before, then at each other: %s", async (attention) => {
  const outputs = await run({ precision: "fp32", attention }, "first-and-previous");
  expect(relL2(floatOutput(outputs, "y"), await read("y"))).toBeLessThan(1e-6);
});

it("a frame that looks at itself alone gives something else", async () => {
  const outputs = await run({ precision: "fp32", attention: "plain" }, "own");
  expect(relL2(floatOutput(outputs, "y"), await read("y"))).toBeGreaterThan(1e-2);
});

it("its gradients are torch's", async () => {
  expect(trained).toHaveLength(3);
  const outputs = await run(TRAINING_STYLE, "first-and-previous", new Set(trained));
  for (const name of trained)
    expect(relL2(floatOutput(outputs, `grad.${name}`), await read(`grad.${name}`)), name).toBeLessThan(2e-6);
});
