import { expect, it } from "vitest";
import { suitablePrecision } from "./precision.ts";

it("graphics cards get 8-bit weights; the processor full ones as long as they are small", () => {
  expect(suitablePrecision("webgpu", 1e6)).toBe("q8");
  expect(suitablePrecision("wasm", 1e6)).toBe("fp32");
  expect(suitablePrecision(null, 1e6)).toBe("fp32");
  expect(suitablePrecision("wasm", 2e9)).toBe("q8");
});
