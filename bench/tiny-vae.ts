/**
 * Measures the decoding of one frame by SD 1.x's VAE and by TAESD, both of their real size with random weights, on one thread of
 * Node, alternating:
 *   npx tsx bench/tiny-vae.ts [--size 256] [--rounds 3] [--precision fp32]
 */

import { parseArgs } from "node:util";
import type { GraphStyle } from "../src/graph/style.ts";
import { buildTinyVaeDecoder } from "../src/graph/tiny-vae.ts";
import { buildVaeDecoder } from "../src/graph/vae.ts";
import { vaePlaces } from "../src/models/sd/vae-keys.ts";
import { scattered } from "../src/models/testing/tiny-files.ts";
import { tinyVaeTensors } from "../src/models/testing/tiny-vae.ts";
import type { KlVaeConfig, TinyVaeConfig, WeightSource } from "../src/models/types.ts";
import { missingWeight } from "../src/models/weights.ts";
import { createNodeBackend } from "../src/runtime/node/backend.ts";
import { interleaved, openGraph } from "./open-graph.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "256" },
    rounds: { type: "string", default: "3" },
    precision: { type: "string", default: "fp32" },
  },
});
const side = Number(values.size) / 8;
const style: GraphStyle = { precision: values.precision as GraphStyle["precision"], attention: "fused" };

const kl: KlVaeConfig = {
  kind: "kl",
  latentChannels: 4,
  blockOutChannels: [128, 256, 512, 512],
  layersPerBlock: 2,
  normGroups: 32,
  midAttention: true,
  quantConv: true,
  postQuantConv: true,
  scalingFactor: 0.18215,
};
const tiny: TinyVaeConfig = {
  kind: "tiny",
  latentChannels: 4,
  blockOutChannels: [64, 64, 64, 64],
  encodes: true,
  scalingFactor: 1,
};

const backend = await createNodeBackend({ threads: 1 });
const full = await openGraph(backend, buildVaeDecoder({ config: kl, weights: random(vaePlaces(kl)) }, side, side, style));
const small = await openGraph(
  backend,
  buildTinyVaeDecoder({ config: tiny, weights: random(tinyVaeTensors(64)) }, side, side, style),
);
const [fullMs, tinyMs] = (await interleaved([full, small], Number(values.rounds))) as [number, number];

console.log(`One frame of ${values.size}×${values.size}, ${values.precision}, one thread:`);
console.log("| | ms | weights, MB |\n|---|---|---|");
console.log(`| the VAE of SD 1.x | ${fullMs.toFixed(0)} | ${(full.weightBytes / 1e6).toFixed(1)} |`);
console.log(`| TAESD | ${tinyMs.toFixed(0)} | ${(small.weightBytes / 1e6).toFixed(1)} |`);
console.log(`TAESD is ${(fullMs / tinyMs).toFixed(1)} times as fast.`);
await full.release();
await small.release();
await backend.dispose();

/** Weights whose sums over a layer's inputs have about unit variance, so that nothing overflows. */
function random(places: Iterable<readonly [name: string, shape: readonly number[], ...rest: unknown[]]>): WeightSource {
  const shapes = new Map([...places].map(([name, shape]) => [name, shape]));
  const shapeOf = (key: string) => shapes.get(key) ?? missingWeight("the benchmark", key);
  return {
    has: (key) => shapes.has(key),
    shape: shapeOf,
    keys: () => shapes.keys(),
    read: async (key) => {
      const shape = shapeOf(key);
      const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
      return Float32Array.from(scattered(key, shape), (value) => value * Math.sqrt(12 / inputs));
    },
  };
}
