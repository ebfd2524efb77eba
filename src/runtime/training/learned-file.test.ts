import { expect, it } from "vitest";
import { bufferSource } from "../../formats/byte-source.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadLora } from "../../models/lora/load.ts";
import { matchLora } from "../../models/lora/match.ts";
import { withLoras } from "../../models/lora/merge.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { openTensors } from "../../models/tensors.ts";
import { scattered } from "../../models/testing/tiny-files.ts";
import { kitModel, relL2 } from "../testing/parity-kit.ts";
import { fileTensors } from "./file-names.ts";
import { checkpointFile, loraFile, motionFile, motionLoraFile } from "./learned-file.ts";
import { teachLora, teachMotion, teachMotionLora, teachUnet } from "./teachable.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const motion = await loadMotionModule(kitModel("motion-v2.safetensors"));
const models = { unet: checkpoint.unet, motion };
const lowRank = { rank: 2, alpha: 3, start: async (name: string, shape: readonly number[]) => scattered(name, shape) };
const opened = (bytes: Uint8Array<ArrayBuffer>) => [
  { path: "learned.safetensors", source: bufferSource(bytes, "learned.safetensors") },
];

/** W + alpha / rank · up · down, one value at a time. */
function changed(base: Float32Array, key: string, shape: readonly number[]): Float32Array {
  const path = key.replace(/\.weight$/, "");
  const [out, n] = [shape[0]!, base.length / shape[0]!];
  const kernel = shape.slice(2);
  const down = scattered(`${path}.lora_A.weight`, [2, shape[1]!, ...kernel]);
  const up = scattered(`${path}.lora_B.weight`, [out, 2, ...kernel.map(() => 1)]);
  return base.map((w, at) => {
    const [o, i] = [Math.floor(at / n), at % n];
    return w + 1.5 * (up[2 * o]! * down[i]! + up[2 * o + 1]! * down[n + i]!);
  });
}

it("a LoRA is loaded back with its rank, alpha, trigger word and every layer", async () => {
  const keys = [
    "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight",
    "up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0.weight",
    "down_blocks.0.resnets.0.conv1.weight",
    "mid_block.attentions.0.proj_in.weight",
  ];
  const { parameters } = await teachLora(models, keys, lowRank);
  const info = {
    title: "dog",
    modelName: "tiny",
    steps: 5,
    learningRate: 1e-4,
    seed: 7,
    trigger: "sks",
    captions: ["sks, a dog"],
    thumbnail: null,
  };
  const file = opened(loraFile({ parameters, ...lowRank, linearProjection: false }, info));
  const { table } = await openTensors(file);
  // A convolution in the checkpoint and in other tools; one of the 1×1 kind may also come as a matrix.
  expect(table.get("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight")!.info.shape).toEqual([2, 64, 1, 1]);
  const lora = await loadLora(file);
  expect(lora).toMatchObject({ kind: "lora", triggerWords: ["sks"] });
  const matched = matchLora(lora, { unet: checkpoint.unet.weights });
  expect(matched.report).toBe("4 of 4 layers used");
  const merged = withLoras(checkpoint.unet.weights, "unet", [{ matched, weight: 1 }]);
  for (const key of keys) {
    const expected = changed(await checkpoint.unet.weights.read(key), key, checkpoint.unet.weights.shape(key));
    expect(relL2(await merged.read(key), expected), key).toBeLessThan(1e-6);
  }
});

it("a motion LoRA is loaded back with alpha in its values", async () => {
  const keys = [...motion.weights.keys()].filter((key) => /\.attn\d\.to_(q|k|v|out\.0)\.weight$/.test(key));
  const { parameters } = await teachMotionLora(models, keys, lowRank);
  const lora = await loadLora(opened(motionLoraFile({ parameters, ...lowRank })));
  expect(lora.kind).toBe("motion-lora");
  const matched = matchLora(lora, { motion: motion.weights });
  expect(matched.used).toBe(keys.length);
  const merged = withLoras(motion.weights, "motion", [{ matched, weight: 1 }]);
  for (const key of keys) {
    const expected = changed(await motion.weights.read(key), key, motion.weights.shape(key));
    expect(relL2(await merged.read(key), expected), key).toBeLessThan(1e-6);
  }
});

it("a motion module is loaded back whole, with its version", async () => {
  const { parameters } = await teachMotion(models);
  for (const [key, { data, shape }] of parameters) data.set(scattered(key, shape));
  const loaded = await loadMotionModule(opened(motionFile(parameters, motion.config)));
  expect(loaded.config).toEqual(motion.config);
  for (const key of loaded.weights.keys())
    expect(await loaded.weights.read(key)).toEqual(scattered(key, loaded.weights.shape(key)));
});

it("a checkpoint is loaded back with its trained UNet and everything else as it was", async () => {
  const { parameters } = await teachUnet(models);
  for (const { data } of parameters.values()) for (const [i, x] of data.entries()) data[i] = x + 0.25;
  const { table } = await openTensors(kitModel("tiny-sd15.safetensors"));
  const names = await fileTensors("unet", parameters, { weights: checkpoint.unet.weights, table });
  const files = opened(await checkpointFile(parameters, names, table));
  expect((await openTensors(files)).table.size).toBe(table.size);
  const loaded = await loadCheckpoint(files);
  const key = "down_blocks.0.attentions.0.proj_in.weight";
  expect(relL2(await loaded.unet.weights.read(key), parameters.get(key)!.data)).toBeLessThan(2e-3); // stored as fp16
  const text = "text_model.final_layer_norm.weight";
  expect(await loaded.textEncoder!.weights.read(text)).toEqual(await checkpoint.textEncoder!.weights.read(text));
});
