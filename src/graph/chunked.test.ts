import { afterAll, beforeAll, expect, it } from "vitest";
import { loadCheckpoint } from "../models/checkpoint.ts";
import { loadLora } from "../models/lora/load.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import { composeModels } from "../runtime/compose/compose.ts";
import { type Backend, floatOutput, floats, type HostTensor } from "../runtime/engine/backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { kitModel } from "../runtime/testing/parity-kit.ts";
import { chunked } from "./chunked.ts";
import { Graph, type Value } from "./graph.ts";
import { add } from "./ops.ts";
import { ShardLayout } from "./shard-layout.ts";
import { packWeights } from "./shards.ts";
import type { GraphStyle } from "./style.ts";
import { ALWAYS_TRUE } from "./subgraphs.ts";
import { buildUnet } from "./unet.ts";

let backend: Backend;
let packed = 0;
beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

it.each([
  ["fit together", 6, 60, 1],
  ["go two at a time", 6, 20, 3],
  ["have no equal pieces that fit", 5, 20, 5],
  ["are too large even alone", 6, 5, 6],
])("layers whose inputs %s: %i of ten values, at most %i of them: %i pieces", (_, length, maxHidden, pieces) => {
  const graph = new Graph("t", { precision: "fp32", attention: "fused", maxHidden });
  const seen: number[] = [];
  const y = chunked([graph.input("x", "float32", [length, 4])], 10, ([x]) => {
    seen.push(x!.dim(0));
    return add(x!, x!);
  });
  expect(seen).toEqual([length / pieces]);
  expect(y.shape).toEqual([length, 4]);
  expect(graph.operators().get("Scan") ?? 0).toBe(pieces > 1 ? 1 : 0);
});

it.each([
  [60, 1],
  [20, 3],
])("pieces of at most %i values that are unrolled: %i of them, side by side again", async (maxHidden, pieces) => {
  const graph = new Graph("t", { precision: "fp32", attention: "fused", maxHidden, chunking: "unrolled" });
  const x = graph.input("x", "float32", [6, 4]);
  graph.output(
    "y",
    chunked([x], 10, ([x]) => add(x!, x!)),
  );
  expect(graph.operators().get("If")).toBe(pieces);
  const session = await backend.createSession(graph.encode(new ShardLayout({})), []);
  const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
  const outputs = await session.run({ x: floats(numbers, [6, 4]), ...condition });
  expect(floatOutput(outputs, "y")).toEqual(numbers.map((n) => 2 * n));
});

it.each([false, true])(
  "a chunked UNet predicts the same, with a text for every frame, FreeNoise's windows (round a loop: %s), motion strengths and LoRAs as side branches",
  async (loop) => {
    const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
    const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
    const lora = await loadLora(kitModel("lora-peft.safetensors"));
    const keys = { unet: "u", text: "t", vae: "v", motion: "m" };
    const loras = [{ id: "lora", lora, weight: 0.8 }];
    const choice = { checkpoint, motion, vae: null, loras, controls: [], preview: null, keys, loraForm: "side-branch" } as const;
    const { models } = composeModels(choice);
    const changes = await models.unet.sideBranch!.read();
    const predict = async (style: GraphStyle) => {
      const graph = buildUnet({
        ...{ unet: models.unet, motion: models.motion, norm: "original", style, control: false, motionStrength: true },
        ...{
          frames: 6,
          height: 8,
          width: 8,
          textBatch: 6,
          textTokens: 77,
          freeNoise: { length: 4, stride: 2, weights: "pyramid", loop },
        },
      });
      const layout = new ShardLayout({ [`chunked${packed++}`]: graph.weights });
      for await (const _ of packWeights(graph.weights, layout, backend.store));
      const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
      const given: Readonly<Record<string, HostTensor>> = { ...changes, ...condition };
      const own = Object.fromEntries(graph.inputs.map((input) => [input.name, given[input.name] ?? wave(input)]));
      return { graph, prediction: floatOutput(await session.run(own), "prediction") };
    };
    for (const precision of ["fp32", "q8"] as const) {
      const whole = await predict({ precision, attention: "fused" });
      const scanned = await predict({ precision, attention: "fused", maxHidden: 2000 });
      expect(scanned.graph.operators().get("Scan")).toBeGreaterThan(10);
      expect(scanned.graph.inputs.map(({ name }) => name)).toEqual(whole.graph.inputs.map(({ name }) => name));
      expect(scanned.prediction).toEqual(whole.prediction);
      const unrolled = await predict({ precision, attention: "fused", maxHidden: 20_000, chunking: "unrolled" });
      expect(unrolled.graph.operators().get("If")).toBeGreaterThan(10);
      expect(unrolled.prediction).toEqual(whole.prediction);
    }
  },
);

const condition = { [ALWAYS_TRUE]: { type: "bool", shape: [], data: Uint8Array.of(1) } } as const;

function wave({ shape }: Pick<Value, "shape">): HostTensor {
  return floats(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7)),
    shape,
  );
}
