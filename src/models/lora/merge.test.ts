import { expect, test } from "vitest";
import { jsonFile, scattered, type TinyTensor, tinyFile, weightsOf } from "../testing/tiny-files.ts";
import { loadLora } from "./load.ts";
import type { LowRankDelta } from "./match.ts";
import { matchLora } from "./match.ts";
import { addProduct } from "./matrices.ts";
import { withLoras } from "./merge.ts";

const LINEAR = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
const CONV = "mid_block.resnets.0.conv1";
const POINT = "mid_block.attentions.0.proj_in";
const flat = (path: string) => `lora_unet_${path.replaceAll(".", "_")}`;

const unet = weightsOf({
  [`${LINEAR}.weight`]: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  [`${POINT}.weight`]: { shape: [2, 3, 1, 1], values: [0, 0, 0, 0, 0, 0] },
  [`${CONV}.weight`]: { shape: [2, 2, 3, 3], values: new Float32Array(36).fill(1) },
  [`${CONV}.bias`]: { shape: [2], values: [7, 8] },
});

const match = async (tensors: readonly TinyTensor[], metadata?: Record<string, string>) =>
  matchLora(await loadLora([tinyFile("l.safetensors", tensors, metadata === undefined ? {} : { metadata })]), { unet });

const linear = (name: string): TinyTensor[] => [
  [`${name}.lora_down.weight`, [2, 3], [1, 0, 2, 0, 1, 0]],
  [`${name}.lora_up.weight`, [2, 2], [1, 10, 100, 0]],
];

test("W' = W + weight × (alpha / rank) × up · down", async () => {
  const matched = await match([...linear(flat(LINEAR)), [`${flat(LINEAR)}.alpha`, [], [1]]]);
  // up · down = [[1, 10, 2], [100, 0, 200]]; alpha / rank = 0.5; weight = 0.4
  const merged = withLoras(unet, "unet", [{ matched, weight: 0.4 }]);
  const values = await merged.read(`${LINEAR}.weight`);
  for (const [i, expected] of [1.2, 4, 3.4, 24, 5, 46].entries()) expect(values[i]).toBeCloseTo(expected, 5);
  expect([...(await merged.read(`${CONV}.bias`))]).toEqual([7, 8]);
  expect(merged.shape(`${LINEAR}.weight`)).toEqual([2, 3]);
});

test("without alpha the scale is 1; PEFT's metadata can give another", async () => {
  const delta = async (tensors: TinyTensor[], metadata?: Record<string, string>) =>
    ((await match(tensors, metadata)).deltas[0] as LowRankDelta).scale;
  expect(await delta(linear(flat(LINEAR)))).toBe(1);
  const peft: TinyTensor[] = [
    [`unet.${LINEAR}.lora_A.weight`, [2, 3]],
    [`unet.${LINEAR}.lora_B.weight`, [2, 2]],
  ];
  expect(await delta(peft)).toBe(1);
  expect(await delta(peft, { lora_adapter_metadata: JSON.stringify({ "unet.r": 2, "unet.lora_alpha": 8 }) })).toBe(4);
  const patterned = { "unet.lora_alpha": 8, "unet.alpha_pattern": { "attn1.to_q": 1 } };
  expect(await delta(peft, { lora_adapter_metadata: JSON.stringify(patterned) })).toBe(0.5);
});

test("PEFT's folder gives its alpha in adapter_config.json", async () => {
  const weights = tinyFile("ohwx/adapter_model.safetensors", [
    [`base_model.model.${LINEAR}.lora_A.weight`, [2, 3]],
    [`base_model.model.${LINEAR}.lora_B.weight`, [2, 2]],
  ]);
  const lora = await loadLora([weights, jsonFile("ohwx/adapter_config.json", { r: 2, lora_alpha: 6 })]);
  expect(lora.name).toBe("ohwx");
  expect((matchLora(lora, { unet }).deltas[0] as LowRankDelta).scale).toBe(3);
});

test("several LoRAs add up, a weight of 0 changes nothing, a negative one takes away", async () => {
  const matched = await match(linear(flat(LINEAR)));
  const twice = withLoras(unet, "unet", [
    { matched, weight: 1 },
    { matched, weight: -0.5 },
  ]);
  const values = await twice.read(`${LINEAR}.weight`);
  for (const [i, expected] of [1.5, 7, 4, 54, 5, 106].entries()) expect(values[i]).toBeCloseTo(expected, 4);
  expect(withLoras(unet, "unet", [{ matched, weight: 0 }])).toBe(unet);
  expect(withLoras(unet, "textEncoder", [{ matched, weight: 1 }])).toBe(unet);
});

test("1×1 convolutions may be four-dimensional in the file or not", async () => {
  const four = await match([
    [`${flat(POINT)}.lora_down.weight`, [1, 3, 1, 1], [1, 2, 3]],
    [`${flat(POINT)}.lora_up.weight`, [2, 1, 1, 1], [1, -1]],
  ]);
  expect([...(await withLoras(unet, "unet", [{ matched: four, weight: 1 }]).read(`${POINT}.weight`))]).toEqual([
    1, 2, 3, -1, -2, -3,
  ]);
});

test("a 3×3 LoCon: delta[o, i] = Σ up[o, r] down[r, i]", async () => {
  const down = scattered("down", [2, 2, 3, 3]);
  const up = scattered("up", [2, 2, 1, 1]);
  const matched = await match([
    [`${flat(CONV)}.lora_down.weight`, [2, 2, 3, 3], down],
    [`${flat(CONV)}.lora_up.weight`, [2, 2, 1, 1], up],
  ]);
  const values = await withLoras(unet, "unet", [{ matched, weight: 2 }]).read(`${CONV}.weight`);
  for (let o = 0; o < 2; o++) {
    for (let k = 0; k < 18; k++) {
      const expected = 1 + 2 * (up[o * 2]! * down[k]! + up[o * 2 + 1]! * down[18 + k]!);
      expect(values[o * 18 + k]).toBeCloseTo(expected, 6);
    }
  }
});

test("a Tucker-decomposed convolution: delta[o, i, k] = Σ up[o, p] mid[p, q, k] down[q, i]", async () => {
  const [down, mid, up] = [scattered("d", [2, 2, 1, 1]), scattered("m", [2, 2, 3, 3]), scattered("u", [2, 2, 1, 1])];
  const matched = await match([
    [`${flat(CONV)}.lora_down.weight`, [2, 2, 1, 1], down],
    [`${flat(CONV)}.lora_mid.weight`, [2, 2, 3, 3], mid],
    [`${flat(CONV)}.lora_up.weight`, [2, 2, 1, 1], up],
  ]);
  const values = await withLoras(unet, "unet", [{ matched, weight: 1 }]).read(`${CONV}.weight`);
  for (let o = 0; o < 2; o++) {
    for (let i = 0; i < 2; i++) {
      for (let k = 0; k < 9; k++) {
        let expected = 1;
        for (let p = 0; p < 2; p++)
          for (let q = 0; q < 2; q++) expected += up[o * 2 + p]! * mid[(p * 2 + q) * 9 + k]! * down[q * 2 + i]!;
        expect(values[(o * 2 + i) * 9 + k]).toBeCloseTo(expected, 6);
      }
    }
  }
});

test("ranks that are no multiple of four are summed completely", () => {
  for (const rank of [1, 3, 4, 6, 9]) {
    const [up, down] = [scattered("u", [5, rank]), scattered("d", [rank, 7])];
    const target = new Float32Array(35).fill(1);
    addProduct(target, up, down, 0.5, rank, 7);
    for (let o = 0; o < 5; o++) {
      for (let i = 0; i < 7; i++) {
        let expected = 1;
        for (let r = 0; r < rank; r++) expected += 0.5 * up[o * rank + r]! * down[r * 7 + i]!;
        expect(target[o * 7 + i]).toBeCloseTo(expected, 5);
      }
    }
  }
});
