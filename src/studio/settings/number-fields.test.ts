import { expect, it } from "vitest";
import { numberFields, parseNumber } from "./number-fields.ts";

const message = (text: string, name: keyof typeof numberFields) => {
  const parsed = parseNumber(text, numberFields[name]);
  return parsed.ok ? parsed.value : parsed.message;
};

it("takes what is within bounds", () => {
  expect(message("16", "frames")).toBe(16);
  expect(message(" 7,5 ", "cfgScale")).toBe(7.5);
  expect(message("512", "width")).toBe(512);
  expect(message("9007199254740991", "seed")).toBe(Number.MAX_SAFE_INTEGER);
});

it("says in one sentence what is allowed when it is not", () => {
  expect(message("0", "frames")).toBe("Frames must be a whole number from 1 to 128, not 0.");
  expect(message("1000000", "frames")).toBe("Frames must be a whole number from 1 to 128, not 1000000.");
  expect(message("1e6", "frames")).toBe("Frames must be a whole number from 1 to 128, not 1e6.");
  expect(message("2.5", "frames")).toBe("Frames must be a whole number from 1 to 128; the nearest is 3.");
  expect(message("130", "width")).toBe("Width must be a multiple of 8 from 64 to 1024; the nearest is 128.");
  expect(message("", "steps")).toBe("Steps needs a whole number from 1 to 150.");
  expect(message("many", "cfgScale")).toBe("CFG needs a number from 1 to 30.");
  expect(message("-4", "seed")).toBe("Seed must be a whole number 0 or more, not -4.");
  expect(message("9007199254740993", "seed")).toMatch(/^Seed must be/);
  expect(message("Infinity", "steps")).toMatch(/^Steps must be/);
});
