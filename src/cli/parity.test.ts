/**
 * Whole renderings against the references' tensors: the reduced parity kit through the command line's own code, in one
 * process. Limits are the kit's: 20 × the references' own rounding, at least 1e-4.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bufferSource } from "../formats/byte-source.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import type { TensorFile } from "../formats/tensor-file.ts";
import { kitBytes, kitFilesBelow, kitTensors, type ParityCase, parityCases, relL2 } from "../runtime/testing/parity-kit.ts";
import { parseRenderArguments } from "./arguments.ts";
import { render } from "./render.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-parity-"));
  const named = parityCases().flatMap((c) => c.args.flatMap((a) => /\{kit\}\/([^:]+)/.exec(a)?.[1] ?? []));
  for (const file of new Set(named.flatMap(kitFilesBelow))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), kitBytes(file));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// Large models get LoRAs as side branches; the kit's are so small that LoRAs would be merged into them.
const sideBranchCases = parityCases().filter(({ args }) => args.includes("--lora") || args.includes("--motion-lora"));

it.each(sideBranchCases)("LoRAs as side branches: $name", (parity) => check(parity, ["--lora-form", "side-branch"]));
it.each(parityCases())("$group: $name", (parity) => check(parity, []));

async function check(parity: ParityCase, more: readonly string[]): Promise<void> {
  const dumpPath = join(folder, `${parity.name}.safetensors`);
  const args = parity.args.map((a) =>
    a
      .replaceAll("{kit}", folder)
      .replaceAll("{dump}", dumpPath)
      .replaceAll("{out}", join(folder, `${parity.name}.gif`)),
  );
  await render(
    parseRenderArguments([...args.slice(1), "--threads", "2", "--no-cache", ...more]),
    new AbortController().signal,
    () => undefined,
  );
  const dump = await openTensorFile(bufferSource(new Uint8Array(await readFile(dumpPath)), parity.name));
  const errors = await compare(parity, dump);
  expect(errors.length).toBeGreaterThan(4);
  for (const { key, error, limit } of errors) expect(error, key).toBeLessThanOrEqual(limit);
}

async function compare(parity: ParityCase, dump: TensorFile): Promise<{ key: string; error: number; limit: number }[]> {
  const results: { key: string; error: number; limit: number }[] = [];
  const initial = await kitTensors(parity.init_golden);
  results.push(await row("latents.init", dump, await initial.readFloat32("latents"), parity));
  for (const file of parity.golden) {
    const golden = await kitTensors(file);
    for (const key of golden.tensors.keys()) {
      if (key.startsWith("noise.")) continue;
      results.push(await row(key, dump, await golden.readFloat32(key), parity));
    }
  }
  return results;
}

/** `frames@3` is the fourth picture of the dump's `frames`. */
async function row(key: string, dump: TensorFile, expected: Float32Array, parity: ParityCase) {
  const [name, index] = key.split("@") as [string, string?];
  const all = await dump.readFloat32(name);
  const actual = index === undefined ? all : all.slice(Number(index) * expected.length, (Number(index) + 1) * expected.length);
  const limits = toleranceOf(parity, key);
  if (limits.rel_l2 !== undefined) return { key, error: relL2(actual, expected), limit: limits.rel_l2 };
  const largest = actual.reduce((max, x, i) => Math.max(max, Math.abs(x - expected[i]!)), 0);
  return { key, error: largest, limit: limits.max_abs ?? 0 };
}

/** An exact key beats a pattern; the longest matching pattern wins. */
function toleranceOf(parity: ParityCase, key: string): Partial<Record<string, number>> {
  const matches = Object.entries(parity.tolerance)
    .filter(([pattern]) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(key))
    .sort(([a], [b]) => b.length - a.length);
  return matches[0]![1];
}
