/** OFT, BOFT and GLoRA against what make_adapters.py computes with explicit matrices. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TinyTensor, tinyFile, weightsOf } from "../../testing/tiny-files.ts";
import { loadLora } from "../load.ts";
import { matchLora } from "../match.ts";
import { withLoras } from "../merge.ts";

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weight: readonly number[];
  readonly tensors: readonly TinyTensor[];
  readonly expected: readonly number[];
}

const cases: Case[] = JSON.parse(readFileSync(new URL("../../testing/adapters.json", import.meta.url), "utf8"));
const LAYER = "mid_block.resnets.0.conv1";

async function merged(each: Pick<Case, "shape" | "weight" | "tensors">, prefix: string, strength: number): Promise<number[]> {
  const unet = weightsOf({ [`${LAYER}.weight`]: { shape: each.shape, values: each.weight } });
  const tensors = each.tensors.map(([role, ...rest]): TinyTensor => [`${prefix}_mid_block_resnets_0_conv1.${role}`, ...rest]);
  const matched = matchLora(await loadLora([tinyFile("l.safetensors", tensors)]), { unet });
  return [...(await withLoras(unet, "unet", [{ matched, weight: strength }]).read(`${LAYER}.weight`))];
}

test.each(cases)("$name", async (each) => {
  const whole = await merged(each, "lora_unet", 1);
  expect(whole).toHaveLength(each.expected.length);
  for (const [i, value] of each.expected.entries()) expect(whole[i], `${i}`).toBeCloseTo(value, 4);
  const half = await merged(each, "lora_unet", 0.5);
  for (const [i, value] of each.expected.entries()) expect(half[i], `${i}`).toBeCloseTo((value + each.weight[i]!) / 2, 4);
});

test("a block of two outputs is a rotation by twice the angle whose tangent is stored", async () => {
  // tan 45° = 1 -> the rows are exchanged by a quarter turn; kohya's OFT has a prefix of its own.
  const rows = { shape: [2, 2], weight: [1, 2, 3, 4], tensors: [["oft_blocks", [1, 2, 2], [0, 1, 0, 0]] as const] };
  const turned = await merged(rows, "oft_unet", 1);
  for (const [i, value] of [-3, -4, 1, 2].entries()) expect(turned[i]).toBeCloseTo(value, 6);
});

test.each([
  ["are not square", [2, 2, 3]],
  ["are not square", [2, 2]],
  ["do not divide the model's outputs", [1, 3, 3]],
  ["do not divide the model's outputs", [3, 2, 1, 1]],
])("blocks that %s are refused", async (says, shape) => {
  const layer = { shape: [4, 1], weight: [1, 2, 3, 4], tensors: [["oft_blocks", shape] as const] };
  await expect(merged(layer, "lora_unet", 1)).rejects.toMatchObject({
    code: "lora/wrong-width",
    message: expect.stringContaining(says),
  });
});
