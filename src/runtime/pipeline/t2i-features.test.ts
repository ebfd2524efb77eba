/** T2I-Adapters: diffusers' features, both layouts of files, and their effect on a clip. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { clipVocabulary } from "../../core/testing/fixtures.ts";
import { loadT2iAdapter } from "../../models/control/t2i-adapter.ts";
import { identify } from "../../models/identify.ts";
import { scattered, tinyFile } from "../../models/testing/tiny-files.ts";
import { originalName, t2iAdapterTensors } from "../../models/testing/tiny-t2i-adapter.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { floatOutput, floats } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import type { T2iPart } from "../engine/part.ts";
import { t2iPlan } from "../engine/plans/t2i-adapter.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { relL2 } from "../testing/parity-kit.ts";
import type { Hint } from "./clip-request.ts";
import { renderClip } from "./render-clip.ts";

const CHANNELS = [32, 64, 32, 64];
const SIDE = 64;
const tokenizer = createClipTokenizer(clipVocabulary());
let engine: Engine;
let models: ModelSet;

beforeAll(async () => {
  engine = new Engine(await createNodeBackend({ threads: 1 }), 0);
  models = await kitModels();
});
afterAll(async () => {
  await engine.release();
  await engine.backend.dispose();
});

const tensors = t2iAdapterTensors(CHANNELS).map(
  ([name, shape]) => [name, shape, scattered(name, shape).map((x) => 0.3 * x)] as const,
);

async function part(key: string): Promise<T2iPart> {
  return { ...(await loadT2iAdapter([tinyFile("t2i.safetensors", tensors)])), key, condition: "features" };
}

it("the features are diffusers', at sizes that halve unevenly, too", async () => {
  const adapter = await part("features-control");
  const [height, width] = [10, 6];
  const pixels = Float32Array.from({ length: 3 * 64 * height * width }, (_, i) => Math.sin(i * Math.fround(0.37)));
  for await (const _ of engine.prepare({ controls: [adapter] }, "fp32"));
  const session = await engine.session(t2iPlan(adapter, { frames: 1, height, width }, engine.style("fp32")));
  const outputs = await session.run({ hint: floats(pixels, [1, 3, 8 * height, 8 * width]) });
  // T2IAdapter(3, [32, 64, 32, 64], 2, 8, "full_adapter") on the same numbers: shape, first values, Euclidean norm.
  const expected = [
    [[1, 32, 10, 6], [1.70397, -2.43365, 3.70624, -2.64692], 113.0096],
    [[1, 64, 5, 3], [0.22257, 0.24374, 0.66672, 0.50397], 28.4744],
    [[1, 32, 3, 2], [0.04886, -0.3131, -0.04232, -0.18017], 10.8359],
    [[1, 64, 2, 1], [0.30112, 0.03104, -0.98457, -0.72792], 5.2141],
  ] as const;
  for (const [level, [shape, first, norm]] of expected.entries()) {
    const name = `feature.${level}`;
    expect(outputs[name]!.shape).toEqual(shape);
    const values = floatOutput(outputs, name);
    for (const [i, value] of first.entries()) expect(values[i], `${name} ${i}`).toBeCloseTo(value, 3);
    expect(Math.hypot(...values)).toBeCloseTo(norm, 2);
  }
});

it("TencentARC's layout is the same adapter under other names, and the light form is refused", async () => {
  const original = tensors.map(([name, shape, values]) => [originalName(name), shape, values] as const);
  const found = await identify([tinyFile("t2iadapter_canny.safetensors", original)]);
  expect(found).toMatchObject({ kind: "t2i-adapter", model: { config: { channels: CHANNELS, hintChannels: 3 } } });
  const [one, other] = [await part("a"), await loadT2iAdapter([tinyFile("original.safetensors", original)])];
  for (const key of one.weights.keys()) expect(await other.weights.read(key), key).toEqual(await one.weights.read(key));
  const light = [...original, ["body.0.out_conv.weight", [4, 4, 1, 1], new Float32Array(16)] as const];
  await expect(identify([tinyFile("light.safetensors", light)])).rejects.toMatchObject({ code: "t2i-adapter/light" });
});

/** Latents after each of two steps. */
async function stepsWith(hint: Partial<Hint> | null): Promise<Float32Array[]> {
  const control = await part("clip-control");
  const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i >> 4) & 1);
  const settings = {
    ...defaultSettings(),
    prompt: "a ball",
    seed: 1,
    steps: 2,
    cfgScale: 3,
    frames: 1,
    width: SIDE,
    height: SIDE,
  };
  const controls = hint === null ? [] : [{ control, hint: { weight: 1, pictures: [{ frame: null, pixels }], ...hint } }];
  const request = {
    settings: { ...settings, precision: "fp32" as const },
    models: { ...models, controls: hint === null ? [] : [control] },
    initLatents: null,
    initVideo: null,
    controls,
    decodeTile: null,
  };
  const steps: Float32Array[] = [];
  for await (const event of renderClip(request, { engine, tokenizer, signal: new AbortController().signal }))
    if (event.type === "step") steps.push(event.latents);
  return steps;
}

it("a clip follows it by its weight and in its range of the steps", async () => {
  const free = await stepsWith(null);
  const whole = await stepsWith({});
  expect(relL2((await stepsWith({ weight: 0 }))[1]!, free[1]!)).toBeLessThan(1e-6);
  expect(relL2(whole[0]!, free[0]!)).toBeGreaterThan(1e-3);
  const late = await stepsWith({ during: { start: 0.5, end: 1 } });
  expect(relL2(late[0]!, free[0]!)).toBeLessThan(1e-6);
  expect(relL2(late[1]!, free[1]!)).toBeGreaterThan(1e-3);
});
