/** In a closed loop no frame is the first: noise that begins elsewhere gives the same clip, beginning elsewhere. */

import { expect, it } from "vitest";
import { clipNoise, TorchGenerator } from "../../core/diffusion/noise.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { relL2 } from "../testing/parity-kit.ts";
import { tinyClips } from "../testing/tiny-clips.ts";

const FRAMES = 6;
const tiny = tinyClips();

const noise = clipNoise(new TorchGenerator(3), { frames: FRAMES, channels: 4, height: 8, width: 8 });

function rolled(clip: Float32Array, by: number): Float32Array {
  const each = clip.length / FRAMES;
  return Float32Array.from(clip, (_, i) => clip[(i + by * each) % clip.length]!);
}

/** Latents after one step, whose windows are not moved yet. */
function stepOf(initLatents: Float32Array, own: Partial<RenderSettings>): Promise<Float32Array> {
  return tiny.firstStep(tiny.request({ frames: FRAMES, contextLength: 16, ...own }, { initLatents }));
}

it.each([
  ["one window", {}, 3],
  ["windows over the whole network", { contextLength: 4, contextOverlap: 1 }, 3],
  ["FreeNoise's windows", { contextMode: "freenoise", contextLength: 4, contextOverlap: 2 }, 2],
] as const)("%s", async (_, own, by) => {
  const closed = await stepOf(noise, { loop: true, ...own });
  expect(relL2(await stepOf(rolled(noise, by), { loop: true, ...own }), rolled(closed, by))).toBeLessThan(1e-5);
  const open = await stepOf(noise, own);
  expect(relL2(await stepOf(rolled(noise, by), own), rolled(open, by))).toBeGreaterThan(1e-3);
});

it("a loop without a motion module is refused", async () => {
  const still = { ...tiny.models, motion: null };
  const render = tiny.render(tiny.request({ loop: true }, { models: still }));
  await expect(render.next()).rejects.toMatchObject({ code: "settings/loop" });
});
