import { expect, it } from "vitest";
import { memoryWarning } from "./memory.ts";

const sd = { parameters: 1.33e9, precision: "q8", firstWidth: 320, vaeWidth: 128, vaeFactor: 8 } as const;
const clip = { frames: 16, width: 256, height: 256, contextLength: 16 };
const whole = { decodeTile: null };

it("says what is needed, what there is and the one option that would do", () => {
  expect(memoryWarning(clip, sd, whole, 24e9)).toBeNull();
  expect(memoryWarning(clip, { ...sd, precision: "fp32" }, whole, 4e9)).toMatch(
    /^This needs about \d\.\d GB of memory; 4\.0 GB are available\. It would fit with --precision q8\.$/,
  );
  expect(memoryWarning({ ...clip, width: 512, height: 512 }, { ...sd, precision: "q4" }, whole, 2.5e9)).toMatch(
    /It would fit with (--width \d+ --height \d+|--frames \d+)\.$/,
  );
  expect(memoryWarning(clip, sd, whole, 1e9)).toMatch(/Choose a much smaller picture and fewer frames\.$/);
});
