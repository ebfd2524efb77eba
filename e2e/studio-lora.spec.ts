/** The page recognises a dropped LoRA file, lists it and applies it at its weight. */

import { neonFile } from "./testing/model-files.ts";
import { meanLuminance } from "./testing/picture-measures.ts";
import type { Rendering } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

/**
 * Neon pictures are glowing strokes on a dark wall, so a picture with a light wall must lose half its light; chosen
 * before the first run.
 */
const PROMPT = "a red heart bouncing on a white background";
const MOST_LIGHT_LEFT = 0.5;

test("a dropped style LoRA darkens the picture at weight 1 and changes nothing at weight 0", async ({ studio }) => {
  await studio.open();
  await studio.prompt(PROMPT);
  await studio.set({ Frames: 4, Steps: 8, Seed: 5 });
  const without = await studio.generate();

  await studio.drop(neonFile("dropped-neon.safetensors"));
  await expect(studio.dialog()).toContainText("dropped-neon");
  await expect(studio.dialog()).toContainText("LoRA, rank");
  await studio.add();
  await expect(studio.switch("Use dropped-neon")).toBeChecked();
  await expect(studio.page.getByRole("slider", { name: "LoRA weight: dropped-neon", exact: true })).toBeVisible();

  await studio.field("LoRA weight: dropped-neon").fill("1");
  const full = await studio.generate();
  const [lightWithout, lightFull] = [light(without), light(full)];
  console.log(`  mean luminance ${lightWithout.toFixed(3)} without, ${lightFull.toFixed(3)} at weight 1`);
  expect(lightFull).toBeLessThanOrEqual(lightWithout * MOST_LIGHT_LEFT);

  await studio.field("LoRA weight: dropped-neon").fill("0");
  const none = await studio.generate();
  expect(none.frames).toHaveLength(4);
  for (const [i, frame] of none.frames.entries()) expect(Buffer.compare(frame, without.frames[i]!), `frame ${i}`).toBe(0);
});

function light({ frames }: Rendering): number {
  return meanLuminance(frames.map((rgba) => ({ width: 128, height: 128, rgba })));
}
