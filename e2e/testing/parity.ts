/** Compares the engine in a page of the harness with the tensors of the parity kit's references. The comparisons print the errors. */

import { type Browser, expect, type Page } from "@playwright/test";
import { parseRenderArguments, type RenderArguments } from "../../src/cli/arguments.ts";
import type { GraphStyle } from "../../src/graph/style.ts";
import type { DeviceReport } from "../../src/protocol/engine.ts";
import { kitTensors, type ParityCase, parityCases, relL2 } from "../../src/runtime/testing/parity-kit.ts";
import { HARNESS_URL } from "../addresses.ts";

/** Limits of relative L2 by the first word of a tensor's name. WebAssembly has the kit's limits, as the command line does. */
const LIMITS = {
  wasm: { text: 2e-5, latents: 1.4e-4, frames: 2e-3 },
  webgpu: { text: 2e-3, latents: 2e-3, frames: 2e-3 },
} as const;
type Quantity = keyof (typeof LIMITS)["wasm"];

/**
 * Compares WebGPU with WebAssembly on a case cut down to two small frames, for which the kit has no reference. The
 * cases above compare WebAssembly with the references.
 */
export async function expectAgreement(browser: Browser, page: Page, name: string): Promise<void> {
  const whole = argumentsOf(caseOf(name));
  const args: RenderArguments = {
    ...whole,
    settings: { ...whole.settings, frames: 2, width: 64, height: 64 },
    initLatents: null,
  };
  const other = await openHarness(browser.newPage());
  await open(other, "wasm");
  const expected = await other.evaluate((args) => window.harness.runCase(args, 1), args);
  await other.close();
  const actual = await page.evaluate((args) => window.harness.runCase(args, 1), args);
  const key = "latents.step.000";
  const error = relL2(actual.tensors[key]!, expected.tensors[key]!);
  console.log(`  ${name}, cut down, ${key}: ${show(error)} (limit ${show(LIMITS.webgpu.latents)})`);
  expect(error).toBeLessThanOrEqual(LIMITS.webgpu.latents);
}

/**
 * Compares a training with the same one by torch and peft (e2e/parity/make_training_case.py).
 * @param limit of the gradients' relative L2
 * @param finalLimit of the trained tensors' difference relative to their change; null: fewer steps than the reference's were made
 */
export async function expectTraining(page: Page, steps: number, limit: number, finalLimit: number | null): Promise<void> {
  const settings = { steps, rank: 2, alpha: 3, learningRate: 2e-3, betas: "0.9,0.99", eps: 1e-6, weightDecay: 0.1 };
  const result = await page.evaluate((settings) => window.harness.train(settings), { ...settings, maxGradNorm: 0.02 });
  const golden = await kitTensors("training/lora.golden.safetensors");
  const fixture = await kitTensors("training/lora.safetensors");
  const losses = await golden.readFloat32("loss");
  for (const [i, loss] of result.losses.entries()) expect.soft(Math.abs(loss / losses[i]! - 1), `loss ${i}`).toBeLessThan(limit);
  const all = async (group: string, file: typeof golden, prefix = group) => {
    const names = [...golden.tensors.keys()].filter((name) => name.startsWith(`${group}.`));
    const rows = names.map(async (name) => [...(await file.readFloat32(name.replace(group, prefix)))]);
    return Float32Array.from((await Promise.all(rows)).flat());
  };
  const own = (group: string) => {
    const names = [...golden.tensors.keys()].filter((name) => name.startsWith(`${group}.`));
    return Float32Array.from(names.flatMap((name) => [...result.tensors[name]!]));
  };
  const error = relL2(own("grad"), await all("grad", golden));
  console.log(`  training: gradients ${show(error)} (limit ${show(limit)}), ${Math.round(result.stepMs)} ms a step`);
  expect(error).toBeLessThanOrEqual(limit);
  if (finalLimit === null) return;
  const start = await all("final", fixture, "init");
  const change = relL2(
    own("final").map((x, i) => x - start[i]!),
    (await all("final", golden)).map((x, i) => x - start[i]!),
  );
  console.log(`  training: changes ${show(change)} (limit ${show(finalLimit)})`);
  expect(change).toBeLessThanOrEqual(finalLimit);
}

export async function openHarness(opening: Promise<Page>): Promise<Page> {
  const page = await opening;
  page.on("pageerror", (error) => console.log(`  page: ${error.message}`));
  await page.goto(HARNESS_URL);
  return page;
}

export function open(page: Page, prefer: "wasm" | "webgpu"): Promise<DeviceReport> {
  return page.evaluate((prefer) => window.harness.open({ prefer, threads: 2, strict: true }), prefer);
}

export async function expectVector(page: Page, name: string, limit: number, style: Partial<GraphStyle> = {}): Promise<void> {
  const { relL2, openMs, longestRunMs, runMs } = await page.evaluate(([name, style]) => window.harness.vector(name, style), [
    name,
    style,
  ] as const);
  console.log(
    `  ${name}: ${show(relL2)} (limit ${show(limit)}), opened in ${Math.round(openMs)} ms, ran in ${Math.round(longestRunMs)} ms, at last in ${Math.round(runMs)} ms`,
  );
  expect(relL2).toBeLessThanOrEqual(limit);
}

export async function expectCase(page: Page, name: string, device: "wasm" | "webgpu", stopAfter: number | null): Promise<void> {
  const parity = caseOf(name);
  const result = await page.evaluate(([args, stop]) => window.harness.runCase(args, stop), [
    argumentsOf(parity),
    stopAfter,
  ] as const);
  let compared = 0;
  for (const file of parity.golden) {
    const golden = await kitTensors(file);
    for (const key of golden.tensors.keys()) {
      // `frames@3` means index 3 of `frames`.
      const [tensor, index] = key.split("@") as [string, string?];
      const whole = result.tensors[tensor];
      if (whole === undefined) continue;
      const expected = await golden.readFloat32(key);
      const start = index === undefined ? 0 : Number(index) * expected.length;
      const error = relL2(Float32Array.from(whole.subarray(start, start + expected.length)), expected);
      const limit = limitOf(parity, device, key.split(".")[0]!.split("@")[0] as Quantity);
      console.log(`  ${name} ${key}: ${show(error)} (limit ${show(limit)})`);
      expect.soft(error, key).toBeLessThanOrEqual(limit);
      compared++;
    }
  }
  expect(compared).toBeGreaterThanOrEqual(stopAfter === null ? 4 : 2);
}

/** Some cases magnify rounding, and their references say how much. */
function limitOf({ tolerance }: ParityCase, device: keyof typeof LIMITS, quantity: Quantity): number {
  const own = tolerance[`${quantity}.*`]?.rel_l2 ?? 0;
  return device === "wasm" ? Math.max(LIMITS.wasm[quantity], own) : LIMITS[device][quantity];
}

function caseOf(name: string): ParityCase {
  const found = parityCases().find((c) => c.name === name);
  if (found === undefined) throw new Error(`the kit has no case ${name}`);
  return found;
}

export function groupOf(name: string): string {
  return caseOf(name).group;
}

/** The case's arguments, with paths relative to the harness's server. */
function argumentsOf({ args }: ParityCase): RenderArguments {
  return parseRenderArguments(args.slice(1).map((arg) => arg.replace("{kit}/", "")));
}

export function show(error: number): string {
  return error.toExponential(1);
}
