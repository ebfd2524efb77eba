import { afterAll, beforeAll, expect, it } from "vitest";
import { loadCheckpoint } from "../models/checkpoint.ts";
import { loadLora } from "../models/lora/load.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import type { WeightSource } from "../models/types.ts";
import { composeModels } from "../runtime/compose/compose.ts";
import { type Backend, floatOutput, floats, type HostTensor } from "../runtime/engine/backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { kitModel, relL2 } from "../runtime/testing/parity-kit.ts";
import { Graph } from "./graph.ts";
import { Scope } from "./scope.ts";
import { ShardLayout } from "./shard-layout.ts";
import { packWeights } from "./shards.ts";
import type { GraphForms, GraphStyle } from "./style.ts";
import { buildUnet } from "./unet.ts";

let backend: Backend;
let packed = 0;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

async function run(graph: Graph, given: Readonly<Record<string, HostTensor>> = {}): Promise<Float32Array> {
  const layout = new ShardLayout({ [`forms${packed++}`]: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
  const inputs = graph.inputs.map(({ name, shape }) => [name, given[name] ?? wave(shape)] as const);
  const outputs = await session.run(Object.fromEntries(inputs));
  await session.release();
  return floatOutput(outputs, graph.outputs[0]!.name);
}

const forms: Readonly<Record<string, GraphForms>> = {
  "bias in the product": { biasInProduct: true },
  "queries, keys and values in one product": { jointQkv: true },
  "rows of multiples of 128": { alignedRows: 128 },
  "all of these": { biasInProduct: true, jointQkv: true, alignedRows: 128 },
};

it.each(Object.keys(forms))("a UNet with motion module and LoRAs as side branches predicts the same with %s", async (name) => {
  const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
  const lora = await loadLora(kitModel("lora-peft.safetensors"));
  const keys = { unet: "u", text: "t", vae: "v", motion: "m" };
  const loras = [{ id: "lora", lora, weight: 0.8 }];
  const choice = { checkpoint, motion, vae: null, loras, controls: [], preview: null, keys, loraForm: "side-branch" } as const;
  const { models } = composeModels(choice);
  const changes = await models.unet.sideBranch!.read();
  const build = (style: GraphStyle) => {
    const shape = { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77, freeNoise: null, control: false };
    return buildUnet({ ...shape, unet: models.unet, motion: models.motion, norm: "original", style });
  };
  // Were activations quantised, too, one on the border of two levels could fall on either side.
  const style = { attention: "fused", accuracy: (): 0 => 0 } as const;
  for (const precision of ["fp32", "q8"] as const) {
    const plain = build({ ...style, precision });
    const other = build({ ...style, precision, forms: forms[name]! });
    expect(other.weights.map(({ key, encoding }) => [key, encoding.id])).toEqual(
      plain.weights.map(({ key, encoding }) => [key, encoding.id]),
    );
    if (precision === "q8") expect([...other.operators()]).not.toEqual([...plain.operators()]);
    // A bias added before a branch instead of behind it rounds differently.
    expect(relL2(await run(other, changes), await run(plain, changes))).toBeLessThan(precision === "fp32" ? 1e-6 : 1e-5);
  }
});

const convolution = random({
  "wide.weight": [1280, 64, 3, 3],
  "wide.bias": [1280],
  "narrow.weight": [64, 96, 3, 3],
  "narrow.bias": [64],
});

function convolve(name: string, stride: number, style: Partial<GraphStyle>): Graph {
  const graph = new Graph("convolution", { precision: "q8", attention: "fused", ...style });
  const [, channels] = convolution.shape(`${name}.weight`);
  graph.output("y", new Scope(graph, convolution).conv(name, graph.input("x", "float32", [4, channels!, 7, 6]), { stride }));
  return graph;
}

it.each([
  [1, {}],
  [2, {}],
  [1, { biasInProduct: true }],
  [1, { biasInProduct: true, alignedRows: 128 }],
] as const)("a wide convolution with stride %i as one product is that of nine slices, with %j", async (stride, more) => {
  const slices = convolve("wide", stride, {});
  const joined = convolve("wide", stride, { forms: { im2col: "wide", ...more } });
  expect(slices.operators().get("MatMulNBits")).toBe(9);
  expect(joined.operators().get("MatMulNBits")).toBe(1);
  expect(joined.weights).toEqual(slices.weights);
  expect(relL2(await run(joined), await run(slices))).toBeLessThan(1e-6);
});

it("the slices of one product are in memory for as many frames as the style allows", async () => {
  const whole = convolve("wide", 1, { forms: { im2col: "wide" } });
  const style = { forms: { im2col: "wide" }, maxHidden: 7 * 6 * 9 * 64 } as const;
  const chunked = convolve("wide", 1, style);
  expect(chunked.operators().get("Scan")).toBe(1);
  expect(await run(chunked)).toEqual(await run(whole));
  const inline = convolve("wide", 1, { ...style, chunking: "inline" });
  expect(inline.operators().get("MatMulNBits")).toBe(4);
  expect(await run(inline)).toEqual(await run(whole));
});

it("a narrow convolution keeps half precision unless all convolutions are one product", async () => {
  const exact = await run(convolve("narrow", 1, { precision: "fp32" }));
  const half = convolve("narrow", 1, { forms: { im2col: "wide" } });
  expect(half.operators().get("Conv")).toBe(1);
  const quantised = convolve("narrow", 1, { forms: { im2col: "all" } });
  expect(quantised.operators().get("Conv")).toBeUndefined();
  expect(relL2(await run(half), exact)).toBeLessThan(1e-3);
  const error = relL2(await run(quantised), exact);
  expect(error).toBeGreaterThan(1e-3);
  expect(error).toBeLessThan(1e-2);
});

function random(shapes: Readonly<Record<string, readonly number[]>>): WeightSource {
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state / 2 ** 32 - 0.5) / 10;
  };
  return {
    has: (key) => key in shapes,
    shape: (key) => shapes[key]!,
    keys: () => Object.keys(shapes),
    read: async (key) => {
      state = key.length;
      return Float32Array.from({ length: shapes[key]!.reduce((a, b) => a * b, 1) }, noise);
    },
  };
}

function wave(shape: readonly number[]): HostTensor {
  return floats(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7) + Math.sin(i * i * 0.013)),
    shape,
  );
}
