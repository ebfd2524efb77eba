/** A frame of Mini decoded in tiles against the same frame decoded whole. Each tile has norms of its own, so tones differ a little. */

import { expect, it } from "vitest";
import { Engine } from "../runtime/engine/engine.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { renderClip } from "../runtime/pipeline/render-clip.ts";
import { relL2 } from "../runtime/testing/parity-kit.ts";
import { parseRenderArguments } from "./arguments.ts";
import { openModels, openTokenizer } from "./models.ts";
import { resolveSettings } from "./settings.ts";

const SIDE = 384;
/** Of the latent picture's 48 positions: tiles begin at 0 and 16, and end at pixels 256 and 384. */
const TILE = 32;

it("agrees with the whole frame and shows no seam", { timeout: 120_000 }, async () => {
  const [whole, tiled] = await decodedBothWays();
  expect(tiled).not.toEqual(whole);
  expect(relL2(tiled, whole)).toBeLessThan(0.03);
  // Where a tile begins or ends the difference changes no more than it does elsewhere.
  const changes = steps(tiled.map((value, i) => value - whole[i]!));
  const elsewhere = Math.max(...changes.slice(140, 240));
  for (const edge of [128, 256]) expect(changes[edge]).toBeLessThan(1.5 * elsewhere);
});

/** For each column, how much it differs from the one left of it. */
function steps(pixels: Float32Array): number[] {
  const columns = new Array<number>(SIDE).fill(0);
  for (let i = 1; i < pixels.length; i++) if (i % SIDE !== 0) columns[i % SIDE]! += Math.abs(pixels[i]! - pixels[i - 1]!);
  return columns.map((sum) => sum / (3 * SIDE));
}

async function decodedBothWays(): Promise<[Float32Array, Float32Array]> {
  const size = ["--frames", "1", "--width", `${SIDE}`, "--height", `${SIDE}`];
  const args = parseRenderArguments(["--prompt", "a red fish", "--seed", "1", "--steps", "4", ...size, "--out", "x.gif"]);
  const [{ models }, tokenizer] = await Promise.all([openModels(args), openTokenizer()]);
  const settings = resolveSettings(args, models);
  const backend = await createNodeBackend({ threads: 1 });
  const engine = new Engine(backend, 1e9);
  const { signal } = new AbortController();
  try {
    const frames: Float32Array[] = [];
    for (const decodeTile of [null, TILE]) {
      const request = { settings, models, initLatents: null, initVideo: null, controls: [], decodeTile };
      for await (const event of renderClip(request, { engine, tokenizer, signal }))
        if (event.type === "frame") frames.push(event.pixels);
    }
    return [frames[0]!, frames[1]!];
  } finally {
    await engine.release();
    await backend.dispose();
  }
}
