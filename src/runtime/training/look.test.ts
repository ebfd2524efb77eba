import { expect, it } from "vitest";
import { lookKey } from "./look.ts";

const look = (value: number) => ({ parameters: new Map([["down", { shape: [1, 2], data: Float32Array.of(value, 1) }]]) });

it("a UNet with a look has a key of its own for each look, and for each choice of LoRAs below it", () => {
  const keys = [lookKey("m-unet", look(1)), lookKey("m-unet", look(2)), lookKey(`m-unet+${"a".repeat(32)}`, look(1)), "m-unet"];
  expect(new Set(keys).size).toBe(4);
  expect(lookKey("m-unet", look(1))).toBe(keys[0]);
  expect(keys[0]).toMatch(/^m-unet\+[0-9a-f]{32}$/);
});
