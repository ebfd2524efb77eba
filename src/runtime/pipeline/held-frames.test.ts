/** Frames that are given as pictures come back as the VAE has them, in whatever clip, and the others go with them. */

import { expect, it } from "vitest";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { kitModels } from "../testing/kit-models.ts";
import { TINY_SIDE as SIDE, tinyClips } from "../testing/tiny-clips.ts";
import type { ClipRequest } from "./clip-request.ts";
import { encodePicture } from "./encode-picture.ts";
import type { Rung } from "./precision-ladder.ts";

const tiny = tinyClips();

/** [3, H, W] in [-1, 1] */
const ramp = (slope: number) => Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => slope * (((i % SIDE) / SIDE) * 2 - 1));
const [first, last] = [ramp(1), ramp(-0.5)];

function requestOf(own: Partial<RenderSettings>, heldFrames: ClipRequest["heldFrames"] = [], models = tiny.models): ClipRequest {
  return tiny.request({ steps: 4, cfgScale: 2, frames: 4, ...own }, { heldFrames, models });
}

/** The latents after the last step, the frames, and what was said. */
async function rendered(request: ClipRequest) {
  const frames: Float32Array[] = [];
  const notices: string[] = [];
  let latents = new Float32Array();
  for await (const event of tiny.render(request)) {
    if (event.type === "step") latents = Float32Array.from(event.latents);
    if (event.type === "frame") frames[event.index] = event.pixels.slice();
    if (event.type === "notice") notices.push(event.message);
  }
  const each = latents.length / frames.length;
  return { frames, notices, latentsOf: (frame: number) => latents.subarray(frame * each, (frame + 1) * each) };
}

const both = [
  { frame: 0, pixels: first },
  { frame: 3, pixels: last },
];

it.each<readonly [string, Partial<RenderSettings>]>([
  ["ddim", { sampler: "ddim" }],
  ["a sampler that draws noise in every step", { sampler: "euler_a" }],
  ["one that mixes the network's outputs", { sampler: "pndm" }],
  ["FreeInit", { sampler: "ddim", freeInit: 2 }],
  ["windows", { sampler: "ddim", contextLength: 2, contextOverlap: 1 }],
])(
  "with %s the first and the last frame are what the VAE makes of their pictures, and the others change",
  async (_, own) => {
    const clip = await rendered(requestOf(own, both));
    for (const { frame, pixels } of both) {
      const { engine, models } = tiny;
      const wanted = await encodePicture({ request: requestOf(own), engine }, { models, precision: "fp32" } as Rung, pixels);
      const found = clip.latentsOf(frame);
      expect(Math.max(...found.map((x, i) => Math.abs(x - wanted[i]!)))).toBeLessThan(1e-5);
    }
    const other = await rendered(requestOf({ ...own, seed: 2, prompt: "a fish" }, both));
    expect(other.frames[0]).toEqual(clip.frames[0]);
    expect(other.frames[3]).toEqual(clip.frames[3]);
    const free = await rendered(requestOf(own));
    for (const frame of [0, 1, 2, 3]) expect(clip.frames[frame]).not.toEqual(free.frames[frame]);
  },
  60_000,
);

it("with hires the first pass holds them at its own size, too", async () => {
  const clip = await rendered(requestOf({ hires: 2, width: 128, height: 128 }, [{ frame: 0, pixels: big(first) }]));
  const other = await rendered(requestOf({ hires: 2, width: 128, height: 128, seed: 9 }, [{ frame: 0, pixels: big(first) }]));
  expect(other.frames[0]).toEqual(clip.frames[0]);
  expect(other.frames[1]).not.toEqual(clip.frames[1]);
}, 60_000);

/** Each pixel four times. */
function big(pixels: Float32Array): Float32Array {
  const at = (channel: number, y: number, x: number) => pixels[channel * SIDE * SIDE + (y >> 1) * SIDE + (x >> 1)]!;
  const side = 2 * SIDE;
  return Float32Array.from({ length: 3 * side * side }, (_, i) =>
    at(Math.floor(i / side / side), Math.floor(i / side) % side, i % side),
  );
}

it("without a motion module it says that the other frames do not follow", async () => {
  const alone = await kitModels();
  const { notices } = await rendered(requestOf({ frames: 2 }, [{ frame: 0, pixels: first }], alone));
  expect(notices).toEqual([expect.stringContaining("Without a motion module each frame is drawn by itself")]);
}, 60_000);

it("frames beyond the end, two pictures for one frame and Text2Video-Zero are refused", async () => {
  const refused = (own: Partial<RenderSettings>, frames: readonly number[]) => {
    const held = frames.map((frame) => ({ frame, pixels: first }));
    return expect(rendered(requestOf(own, held))).rejects;
  };
  await refused({}, [4]).toThrow("A picture is given for frame 4, but the clip has frames 0 to 3.");
  await refused({ frames: 1 }, [0, 0]).toThrow("Two pictures are given for frame 0.");
  await refused({ zeroMotion: true, sampler: "ddim" }, [0]).toThrow("Text2Video-Zero draws all frames from the first");
});
