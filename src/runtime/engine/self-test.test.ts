import { afterAll, beforeAll, expect, it } from "vitest";
import { createNodeBackend } from "../node/backend.ts";
import type { Backend, HostTensor, Session } from "./backend.ts";
import { selfTest } from "./self-test.ts";

let backend: Backend;

beforeAll(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterAll(() => backend.dispose());

const open = (model: Uint8Array<ArrayBuffer>) => backend.createSession(model, []);

/** A device that corrupts the outputs of the n-th session that it opens. */
function faulty(nth: number, change: (outputs: Record<string, HostTensor>) => void) {
  let opened = 0;
  return async (model: Uint8Array<ArrayBuffer>): Promise<Session> => {
    const session = await open(model);
    const mine = opened++ === nth;
    return {
      run: async (inputs) => {
        const outputs = await session.run(inputs);
        if (mine) change(outputs);
        return outputs;
      },
      release: () => session.release(),
    };
  };
}

it("a correct device gets fused attention, every operation within 1e-5 of its reference", async () => {
  const { attention, results } = await selfTest(open, false);
  expect(attention).toBe("fused");
  expect(results).toHaveLength(27);
  for (const { op, maxError, used } of results) {
    expect(maxError, op).toBeLessThan(op.startsWith("MatMulNBits") ? 2e-2 : 1e-5);
    expect(used, op).toBe(true);
  }
});

it("a device whose MultiHeadAttention is off by 1 % gets the plain form", async () => {
  const { attention, results } = await selfTest(
    faulty(1, (outputs) => (outputs.out3!.data[5]! += 0.01)),
    false,
  );
  expect(attention).toBe("plain");
  expect(results.filter(({ used }) => !used).map(({ op }) => op.split(" ")[0])).toEqual(Array(9).fill("MultiHeadAttention"));
});

it("a device that has no MultiHeadAttention gets the plain form", async () => {
  let opened = 0;
  const { attention } = await selfTest((model) => (opened++ === 1 ? Promise.reject(new Error("no kernel")) : open(model)), false);
  expect(attention).toBe("plain");
});

it("a device that gives NaN for an operation every graph needs is refused", async () => {
  const { attention, results } = await selfTest(
    faulty(0, (outputs) => (outputs.out4!.data[7] = Number.NaN)),
    false,
  );
  expect(attention).toBeNull();
  expect(results.some(({ maxError }) => Number.isNaN(maxError))).toBe(true);
});

it("a device that is correct in fp16, too, computes in it", async () => {
  const { fp16, results } = await selfTest(open, true);
  expect(fp16).toBe(true);
  const half = results.filter(({ op }) => op.endsWith("fp16"));
  expect(half).toHaveLength(27);
  // Rounding errors prove that they did not run in fp32 after all.
  for (const { op, maxError } of half) expect(maxError, op).toBeGreaterThan(1e-7);
  expect(Math.max(...half.map(({ maxError }) => maxError))).toBeGreaterThan(1e-4);
});

it.each([2, 3])("a device whose fp16 is wrong, in session %i, computes in fp32", async (session) => {
  const { attention, fp16 } = await selfTest(
    faulty(session, (outputs) => (outputs.out2!.data[5]! += 0.5)),
    true,
  );
  expect({ attention, fp16 }).toEqual({ attention: "fused", fp16: false });
});
