/**
 * The command line's engine on a card (onnxruntime-node, Vulkan on Linux): self-test, kernel choice, and the parity kit's UNet against the
 * processor. Prints Markdown:
 *   npx tsx bench/card/node-engine.ts [--rehearse]
 * `--rehearse` takes the processor for the card.
 */

import { ShardLayout } from "../../src/graph/shard-layout.ts";
import { packWeights } from "../../src/graph/shards.ts";
import { ALWAYS_TRUE } from "../../src/graph/subgraphs.ts";
import { buildUnet } from "../../src/graph/unet.ts";
import { loadCheckpoint } from "../../src/models/checkpoint.ts";
import { loadMotionModule } from "../../src/models/motion/load.ts";
import type { Backend } from "../../src/runtime/engine/backend.ts";
import { floatOutput, floats } from "../../src/runtime/engine/backend.ts";
import { unetStyle } from "../../src/runtime/engine/graph-style.ts";
import { chooseKernels } from "../../src/runtime/engine/kernel-choice.ts";
import { selfTest } from "../../src/runtime/engine/self-test.ts";
import { createNodeBackend } from "../../src/runtime/node/backend.ts";
import { kitModel } from "../../src/runtime/testing/parity-kit.ts";
import { relativeRmse } from "../engine-process.ts";

const rehearsed = process.argv.includes("--rehearse");
const card = await createNodeBackend({ device: rehearsed ? "cpu" : "webgpu" });
const open = (model: Uint8Array<ArrayBuffer>) => card.createSession(model, []);
console.log("| self-test | largest error | used |\n|---|---|---|");
for (const { op, maxError, used } of (await selfTest(open, !rehearsed)).results)
  console.log(`| ${op} | ${maxError.toExponential(1)} | ${used ? "yes" : "no"} |`);
console.log("\n| kernel | rows × width | ms |\n|---|---|---|");
const { timings } = await chooseKernels(open, {
  fp16: card.fp16,
  budgetMs: rehearsed ? 1000 : 10_000,
  now: () => performance.now(),
});
for (const { family, width, rows, ms } of timings) console.log(`| ${family} | ${rows} × ${width} | ${ms.toFixed(2)} |`);

const processor = await createNodeBackend();
const { unet } = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v3.safetensors"));
console.log("\n| the kit's UNet, card against processor | rel. RMSE |\n|---|---|");
for (const precision of ["fp32", "q8"] as const) {
  const [mine, theirs] = [await predict(card, precision), await predict(processor, precision)];
  console.log(`| ${precision} | ${relativeRmse(mine, theirs)} |`);
}
await card.dispose();
await processor.dispose();

async function predict(backend: Backend, precision: "fp32" | "q8"): Promise<Float32Array> {
  const shape = { frames: 4, height: 8, width: 8, textBatch: 1, textTokens: 77 };
  const style = unetStyle(backend, precision, "float32");
  const graph = buildUnet({ ...shape, unet, motion, norm: "original", style, control: false, freeNoise: null });
  const layout = new ShardLayout({ [`kit-${precision}`]: graph.weights });
  for await (const _ of packWeights(graph.weights, layout, backend.store));
  const session = await backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
  const inputs = graph.inputs.map(({ name, shape }) => {
    if (name === ALWAYS_TRUE) return [name, { type: "bool", shape: [], data: Uint8Array.of(1) }] as const;
    const length = shape.reduce((a, b) => a * b, 1);
    return [
      name,
      floats(
        Float32Array.from({ length }, (_, i) => Math.sin(i * 0.7)),
        shape,
      ),
    ] as const;
  });
  return floatOutput(await session.run(Object.fromEntries(inputs)), "prediction");
}
