import { expect, it } from "vitest";
import { loadCheckpoint } from "../models/checkpoint.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import { kitModel } from "../runtime/testing/parity-kit.ts";
import { buildTextKv } from "./text-kv.ts";
import { buildUnet } from "./unet.ts";

const { unet } = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const style = { precision: "fp32", attention: "fused" } as const;

it("every weight of the checkpoint's UNet is used, in the UNet or in the text keys and values", async () => {
  const shape = { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77 };
  const graph = buildUnet({ ...shape, unet, motion: null, norm: "original", style, control: false, freeNoise: null });
  const used = new Set([...graph.weights, ...buildTextKv(unet, 1, 77, style).weights].map(({ key }) => key));
  expect([...unet.weights.keys()].filter((key) => !used.has(key))).toEqual([]);
});

it.each([
  ["v1", 20],
  ["v2", 21],
  ["v3", 20],
] as const)("a %s motion module lands on %i places, two transposes each", async (version, places) => {
  const motion = await loadMotionModule(kitModel(`motion-${version}.safetensors`));
  const shape = { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77 };
  const still = buildUnet({ ...shape, unet, motion: null, norm: "original", style, control: false, freeNoise: null });
  const moving = buildUnet({ ...shape, unet, motion, norm: "original", style, control: false, freeNoise: null });
  const transposes = (g: typeof still) => g.operators().get("Transpose") ?? 0;
  expect(transposes(moving) - transposes(still)).toBe(2 * places);
  const used = new Set(moving.weights.map(({ key }) => key));
  expect([...motion.weights.keys()].filter((key) => !used.has(key))).toEqual([]);
});

it("a graph carries no shape arithmetic", () => {
  const shape = { frames: 2, height: 9, width: 11, textBatch: 1, textTokens: 77 };
  const graph = buildUnet({ ...shape, unet, motion: null, norm: "original", style, control: false, freeNoise: null });
  const operators: ReadonlyMap<string, number> = graph.operators();
  for (const op of ["Shape", "Gather", "Unsqueeze", "ConstantOfShape", "Range", "Cast"])
    expect(operators.has(op), op).toBe(false);
});
