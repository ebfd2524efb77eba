/** The motion module's strengths: as trained at 1, without the module at effect 0, and in between elsewhere. */

import { expect, it } from "vitest";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { relL2 } from "../testing/parity-kit.ts";
import { tinyClips } from "../testing/tiny-clips.ts";

const tiny = tinyClips();
const stepOf = (own: Partial<RenderSettings>) => tiny.firstStep(tiny.request({ frames: 3, ...own }));

it("without an effect the module is not there; between, the clip lies between", async () => {
  const trained = await stepOf({});
  const still = await tiny.firstStep(tiny.request({ frames: 3 }, { models: { ...tiny.models, motion: null } }));
  expect(relL2(await stepOf({ motionEffect: 0 }), still)).toBeLessThan(1e-6);
  const half = await stepOf({ motionEffect: 0.5 });
  expect(relL2(half, still)).toBeLessThan(relL2(trained, still));
  expect(relL2(half, trained)).toBeLessThan(relL2(still, trained));
});

it("the scale changes how frames attend to each other, in chunks as without", async () => {
  const trained = await stepOf({});
  const sharper = await stepOf({ motionScale: 1.5 });
  expect(relL2(sharper, trained)).toBeGreaterThan(1e-4);
  expect(relL2(await stepOf({ motionScale: 1.0001 }), trained)).toBeLessThan(relL2(sharper, trained) / 100);
});
