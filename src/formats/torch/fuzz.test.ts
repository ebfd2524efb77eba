/** Damages PyTorch files at random, from fixed seeds. FUZZ_CASES=100000 runs as many as a release should stand. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ZoetropeError } from "../../core/errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { openTorch } from "./reader.ts";
import { archive, bytes, dictOf, global, legacy, PROTOCOL_2, tensor, text } from "./testing/archive.ts";

const CASES = Number(process.env.FUZZ_CASES ?? 2000);
const LONGEST_MS = 2000;
/** Opcodes and lengths that reach furthest. */
const LIKELY = [..."(.0125FIJKLMNPQRSTUVXabcdeghijloprstuq})]BCG"]
  .map((c) => c.charCodeAt(0))
  .concat(
    Array.from({ length: 0x18 }, (_, i) => 0x80 + i),
    [0, 1, 0x7f, 0xff],
  );

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`testing/fixtures/${name}`, import.meta.url)));

const two = bytes(PROTOCOL_2, "}(", text("a"), tensor(), text("b"), tensor({ size: [4, 4], stride: [1, 4] }), "u.");
const SEEDS = [
  archive(dictOf("w", tensor())),
  archive(two),
  archive(dictOf("w", bytes(global("collections", "OrderedDict"), ")R}", text("x"), "Nsb"))),
  legacy(two, { 0: Float32Array.from({ length: 16 }, (_, i) => i) }),
  two,
  ...["zip.pt", "zip-protocol-5.pt", "legacy.pt", "embedding.pt"].map(fixture),
];

/** mulberry32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function damaged(seed: number): Uint8Array {
  const next = random(seed);
  let file = SEEDS[next(SEEDS.length)]!.slice();
  for (let edits = 1 + next(6); edits > 0; edits--) {
    const at = next(next(3) === 0 ? file.byteLength : Math.min(file.byteLength, 1500));
    const kind = next(10);
    if (kind < 5) file[at] = LIKELY[next(LIKELY.length)]!;
    else if (kind < 7) file[at] = next(256);
    else if (kind === 7) file.copyWithin(at, next(file.byteLength), next(file.byteLength));
    else if (kind === 8) file.fill(0xff, at, at + 1 + next(8));
    else if (next(4) === 0) file = file.slice(0, at + 1);
  }
  return file;
}

test(`${CASES} damaged files are opened or refused in one sentence, without a read or an array beyond twice the file`, {
  timeout: 600_000,
}, async () => {
  let opened = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const file = damaged(seed);
    let longest = 0;
    const source: ByteSource = {
      name: "fuzzed.ckpt",
      size: file.byteLength,
      read: async (offset, length) => {
        longest = Math.max(longest, length);
        return file.slice(offset, offset + length);
      },
    };
    const begun = performance.now();
    try {
      const tensors = await openTorch(source);
      for (const name of tensors.tensors.keys()) longest = Math.max(longest, (await tensors.readBytes(name)).byteLength);
      opened += 1;
    } catch (thrown) {
      const error = thrown as ZoetropeError;
      if (!(error instanceof ZoetropeError) || /[\n\r]/.test(error.message)) throw new Error(`seed ${seed}`, { cause: thrown });
    }
    expect(longest, `seed ${seed}`).toBeLessThanOrEqual(2 * file.byteLength);
    expect(performance.now() - begun, `seed ${seed}`).toBeLessThan(LONGEST_MS);
  }
  // Most edits are fatal, but a fuzzer that never gets past the container tests nothing.
  expect(opened).toBeGreaterThan(CASES / 100);
  expect(opened).toBeLessThan(CASES);
});
