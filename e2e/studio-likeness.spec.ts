/** IP-Adapter on the page: the clip looks like a dropped picture and changes because of it. */

import { encode as encodePng } from "fast-png";
import { loadCheckpoint } from "../src/models/checkpoint.ts";
import { type TinyTensor, tinyFile } from "../src/models/testing/tiny-files.ts";
import { imageEncoderTensors, ipAdapterTensors } from "../src/models/testing/tiny-ip-adapter.ts";
import { kitModel } from "../src/runtime/testing/parity-kit.ts";
import { kitFile } from "./testing/model-files.ts";
import type { TestFile } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

const SIDE = 64;

async function modelFile(name: string, tensors: readonly TinyTensor[]): Promise<TestFile> {
  const { source } = tinyFile(name, tensors);
  return { name, bytes: await source.read(0, source.size) };
}

test("a clip looks like a dropped picture by its weight, and the history keeps it", async ({ studio, page }) => {
  const { unet } = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
  await studio.open();
  await studio.choose(kitFile("tiny-sd15"), await modelFile("looks.safetensors", ipAdapterTensors(unet.weights, "plus")));
  await expect(studio.dialog()).toContainText("IP-Adapter Plus for SD 1.x");
  await studio.add();
  await studio.set({ Width: SIDE, Height: SIDE, Steps: 2, Seed: 3 });
  const free = await studio.generate();

  await studio.select("Look like").selectOption({ label: "looks" });
  await studio.button("Generate").click();
  await expect(studio.alert()).toContainText("looks looks through a CLIP image encoder, which is not on the shelf");
  await studio.dismissMessages();
  await studio.choose(await modelFile("clip.safetensors", imageEncoderTensors()));
  await expect(studio.dialog()).toContainText("CLIP image encoder, 8 pixels, 32 wide");
  await studio.add();

  const data = Uint8ClampedArray.from({ length: 20 * 30 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  await studio.drop({ name: "face.png", bytes: encodePng({ width: 20, height: 30, data, channels: 4 }) });
  await studio.button("Look like it").click();
  await expect(page.getByText("Looks like face.png", { exact: true })).toBeVisible();
  const alike = await studio.generate();
  expect(alike.events.at(-1)?.type).toBe("done");
  expect(Buffer.compare(alike.frames[0]!, free.frames[0]!)).not.toBe(0);

  await studio.field("Look-like weight").fill("0");
  expect((await studio.generate()).frames).toEqual(free.frames);
  await studio.select("Look like").selectOption({ label: "None" });
  await studio
    .region("History")
    .getByRole("button", { name: /^Show: / })
    .nth(1)
    .click();
  await studio.button("Use these settings").click();
  await expect(studio.select("Look like").locator("option:checked")).toHaveText("looks");
  await expect(studio.field("Look-like weight")).toHaveValue("1");
});
