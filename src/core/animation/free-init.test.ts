import { expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import { mixFrequencies } from "./free-init.ts";

const shape = { frames: 3, channels: 2, height: 4, width: 5 };

test.each(["butterworth", "gaussian", "ideal"] as const)("%s mixes frequencies as diffusers does", (filter) => {
  const mixed = mixFrequencies(numbers("free_init.diffused"), numbers("free_init.noise"), shape, filter);
  expectClose(mixed, numbers(`free_init.${filter}`), { relL2: 1e-6 });
});

test("a clip mixed with itself stays as it is", () => {
  const clip = numbers("free_init.noise");
  expect(mixFrequencies(clip, clip, shape, "butterworth")).toEqual(clip);
});
