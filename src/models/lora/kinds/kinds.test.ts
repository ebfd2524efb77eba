/** Each kind's formula, element by element, against numbers worked out by hand. */

import { expect, test } from "vitest";
import { jsonFile, type TinyTensor, tinyFile, weightsOf } from "../../testing/tiny-files.ts";
import { loadLora } from "../load.ts";
import { type LowRankDelta, matchLora } from "../match.ts";
import { withLoras } from "../merge.ts";

const Q = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
const N = "mid_block.attentions.0.norm";
const CONV = "mid_block.resnets.0.conv1";
const flat = (path: string) => `lora_unet_${path.replaceAll(".", "_")}`;
const unet = weightsOf({
  [`${Q}.weight`]: { shape: [2, 2], values: [1, 2, 3, 4] },
  [`${N}.weight`]: { shape: [2], values: [1, 1] },
  [`${N}.bias`]: { shape: [2], values: [0, 5] },
  [`${CONV}.weight`]: { shape: [2, 2, 1, 3], values: new Float32Array(12) },
});

const load = (tensors: readonly TinyTensor[], metadata?: Record<string, string>) =>
  loadLora([tinyFile("l.safetensors", tensors, metadata === undefined ? {} : { metadata })]);

async function merged(key: string, tensors: readonly TinyTensor[], weight = 1): Promise<number[]> {
  const matched = matchLora(await load(tensors), { unet });
  return [...(await withLoras(unet, "unet", [{ matched, weight }]).read(key))];
}

function expectClose(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i], `${i}`).toBeCloseTo(value, 5);
}

const factors: TinyTensor[] = [
  [`${flat(Q)}.lora_down.weight`, [1, 2], [1, 2]],
  [`${flat(Q)}.lora_up.weight`, [2, 1], [1, 1]],
];

test("LoHa multiplies two products element by element", async () => {
  const tensors: TinyTensor[] = [
    [`${flat(Q)}.hada_w1_a`, [2, 1], [1, 2]],
    [`${flat(Q)}.hada_w1_b`, [1, 2], [1, 3]],
    [`${flat(Q)}.hada_w2_a`, [2, 1], [1, 1]],
    [`${flat(Q)}.hada_w2_b`, [1, 2], [2, 5]],
    [`${flat(Q)}.alpha`, [], [0.5]],
  ];
  // [[1, 3], [2, 6]] ∘ [[2, 5], [2, 5]] · 0.5 = [[1, 7.5], [2, 15]]
  expectClose(await merged(`${Q}.weight`, tensors), [2, 9.5, 5, 19]);
  expectClose(await merged(`${Q}.weight`, tensors, 2), [3, 17, 7, 34]);
});

test("LoKr is a Kronecker product, scaled once, and not at all where both factors are whole", async () => {
  const whole: TinyTensor[] = [
    [`${flat(Q)}.lokr_w1`, [2, 1], [1, 10]],
    [`${flat(Q)}.lokr_w2`, [1, 2], [1, 2]],
    [`${flat(Q)}.alpha`, [], [100]],
  ];
  expectClose(await merged(`${Q}.weight`, whole), [2, 4, 13, 24]);
  const decomposed: TinyTensor[] = [
    [`${flat(Q)}.lokr_w1`, [2, 1], [1, 10]],
    [`${flat(Q)}.lokr_w2_a`, [1, 2], [1, 1]],
    [`${flat(Q)}.lokr_w2_b`, [2, 2], [1, 0, 0, 2]],
    [`${flat(Q)}.alpha`, [], [1]],
  ];
  expectClose(await merged(`${Q}.weight`, decomposed), [1.5, 3, 8, 14]);
});

test("Tucker cores contract both sides, whichever kind has them", async () => {
  // Σ core[p,q,k] · a[p,o] · b[q,i] for rank 1: core k = 1, 2, 3; a = (1, 2); b = (1, 10)
  const once = [1, 2, 3, 10, 20, 30, 2, 4, 6, 20, 40, 60];
  const core = (role: string): TinyTensor => [`${flat(CONV)}.${role}`, [1, 1, 1, 3], [1, 2, 3]];
  const a = (role: string, shape: number[]): TinyTensor => [`${flat(CONV)}.${role}`, shape, [1, 2]];
  const b = (role: string, shape: number[]): TinyTensor => [`${flat(CONV)}.${role}`, shape, [1, 10]];
  const locon = [core("lora_mid.weight"), a("lora_up.weight", [2, 1, 1, 1]), b("lora_down.weight", [1, 2, 1, 1])];
  expectClose(await merged(`${CONV}.weight`, locon), once);
  const lokr: TinyTensor[] = [
    [`${flat(CONV)}.lokr_w1`, [1, 1], [1]],
    core("lokr_t2"),
    a("lokr_w2_a", [1, 2]),
    b("lokr_w2_b", [1, 2]),
  ];
  expectClose(await merged(`${CONV}.weight`, lokr), once);
  const half = (n: 1 | 2) => [core(`hada_t${n}`), a(`hada_w${n}_a`, [1, 2]), b(`hada_w${n}_b`, [1, 2])];
  expectClose(
    await merged(`${CONV}.weight`, [...half(1), ...half(2)]),
    once.map((value) => value ** 2),
  );
});

test("DoRA gives rows or columns of W + D their lengths, and the strength multiplies the whole change", async () => {
  // V = [[2, 4], [4, 6]]
  const v = [2, 4, 4, 6];
  const rows = [Math.hypot(2, 4), Math.hypot(4, 6)];
  const columns = [Math.hypot(2, 4), Math.hypot(4, 6)];
  const perOutput: TinyTensor[] = [...factors, [`${flat(Q)}.dora_scale`, [2, 1], [3, 7]]];
  const perInput: TinyTensor[] = [...factors, [`${flat(Q)}.dora_scale`, [1, 2], [3, 7]]];
  const outputs = [(v[0]! * 3) / rows[0]!, (v[1]! * 3) / rows[0]!, (v[2]! * 7) / rows[1]!, (v[3]! * 7) / rows[1]!];
  const inputs = [(v[0]! * 3) / columns[0]!, (v[1]! * 7) / columns[1]!, (v[2]! * 3) / columns[0]!, (v[3]! * 7) / columns[1]!];
  expectClose(await merged(`${Q}.weight`, perOutput), outputs);
  expectClose(await merged(`${Q}.weight`, perInput), inputs);
  expectClose(
    await merged(`${Q}.weight`, perOutput, 0.5),
    outputs.map((value, i) => ([1, 2, 3, 4][i]! + value) / 2),
  );
  const peft: TinyTensor[] = [
    [`unet.${Q}.lora_A.weight`, [1, 2], [1, 2]],
    [`unet.${Q}.lora_B.weight`, [2, 1], [1, 1]],
    [`unet.${Q}.lora_magnitude_vector`, [2], [3, 7]],
  ];
  expectClose(await merged(`${Q}.weight`, peft), outputs);
});

test("IA³ scales outputs or inputs, LyCORIS by the change and PEFT by the factor", async () => {
  const lycoris = (onInput: number, shape: number[]): TinyTensor[] => [
    [`${flat(Q)}.weight`, shape, [1, -0.5]],
    [`${flat(Q)}.on_input`, [], [onInput]],
  ];
  expectClose(await merged(`${Q}.weight`, lycoris(0, [2, 1])), [2, 4, 1.5, 2]);
  expectClose(await merged(`${Q}.weight`, lycoris(1, [1, 2])), [2, 1, 6, 2]);
  expectClose(await merged(`${Q}.weight`, [[`unet.${Q}.ia3_l`, [2, 1], [2, 0.5]]]), [2, 4, 1.5, 2]);
  expectClose(await merged(`${Q}.weight`, [[`unet.${Q}.ia3_l`, [1, 2], [2, 0.5]]], 0.5), [1.5, 1.5, 4.5, 3]);
});

test("full differences change weights, norms and biases", async () => {
  const tensors: TinyTensor[] = [
    [`${flat(Q)}.diff`, [2, 2], [1, 1, 1, 1]],
    [`${flat(N)}.w_norm`, [2], [0.5, 1]],
    [`${flat(N)}.b_norm`, [2], [2, -2]],
  ];
  expectClose(await merged(`${Q}.weight`, tensors, 0.5), [1.5, 2.5, 3.5, 4.5]);
  expectClose(await merged(`${N}.weight`, tensors, 0.5), [1.25, 1.5]);
  expectClose(await merged(`${N}.bias`, tensors, 0.5), [1, 4]);
});

test("an alpha of 0 counts as the rank", async () => {
  expectClose(await merged(`${Q}.weight`, [...factors, [`${flat(Q)}.alpha`, [], [0]]]), [2, 4, 4, 6]);
});

test("every change is computed from the model's own weights, so that the order of the LoRAs does not matter", async () => {
  const dora = { matched: matchLora(await load([...factors, [`${flat(Q)}.dora_scale`, [2, 1], [3, 7]]]), { unet }), weight: 1 };
  const full = { matched: matchLora(await load([[`${flat(Q)}.diff`, [2, 2], [1, 2, 3, 4]]]), { unet }), weight: 1 };
  const read = async (loras: (typeof dora)[]) => [...(await withLoras(unet, "unet", loras).read(`${Q}.weight`))];
  expectClose(await read([dora, full]), await read([full, dora]));
});

test("weights of the UNet's blocks and of the text encoder multiply the change", async () => {
  const matched = matchLora(await load([[`${flat(Q)}.diff`, [2, 2], [1, 1, 1, 1]]]), { unet });
  const [delta] = matched.deltas;
  const lora = { matched: { ...matched, deltas: [{ ...delta!, block: 13 }] }, weight: 2, textWeight: 9 };
  const blocks = Array.from({ length: 26 }, (_, i) => (i === 13 ? 0.25 : 0));
  const values = await withLoras(unet, "unet", [{ ...lora, blocks }]).read(`${Q}.weight`);
  expectClose([...values], [1.5, 2.5, 3.5, 4.5]);
  expect(withLoras(unet, "unet", [{ ...lora, blocks: blocks.map(() => 0) }])).toBe(unet);
});

test("rank-stabilised LoRAs scale by alpha / √rank", async () => {
  const tensors: TinyTensor[] = [
    [`base_model.model.${Q}.lora_A.weight`, [4, 2]],
    [`base_model.model.${Q}.lora_B.weight`, [2, 4]],
  ];
  const file = tinyFile("a/adapter_model.safetensors", tensors);
  const scale = async (config: object) => {
    const lora = await loadLora([file, jsonFile("a/adapter_config.json", config)]);
    return (matchLora(lora, { unet }).deltas[0] as LowRankDelta).scale;
  };
  expect(await scale({ r: 4, lora_alpha: 4, use_rslora: true })).toBe(2);
  expect(await scale({ r: 4, lora_alpha: 4 })).toBe(1);
});

test("PEFT's weights without their config say that alpha was guessed, and regular expressions are named", async () => {
  const tensors: TinyTensor[] = [
    [`base_model.model.${Q}.lora_A.weight`, [1, 2]],
    [`base_model.model.${Q}.lora_B.weight`, [2, 1]],
  ];
  expect((await load(tensors)).notices).toEqual([expect.stringMatching(/adapter_config\.json, which is not beside it/)]);
  const settings = JSON.stringify({ "unet.lora_alpha": 2, "unet.alpha_pattern": { "attn[12]": 1 } });
  expect((await load(tensors, { lora_adapter_metadata: settings })).notices).toEqual([
    'l: the unet.alpha_pattern "attn[12]" of its settings was not used, because only plain names are read.',
  ]);
});

test("a textual inversion inside a LoRA file comes with its name", async () => {
  const lora = await load([...factors, ["bundle_emb.thing.string_to_param.*", [2, 3], [1, 2, 3, 4, 5, 6]]]);
  expect(lora.embeddings.map(({ name, words }) => [name, words[0]!.vectors.map((v) => [...v])])).toEqual([
    [
      "thing",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
  ]);
});
