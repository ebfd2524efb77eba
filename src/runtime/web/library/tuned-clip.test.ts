import { expect, it } from "vitest";
import { openCheckpoint } from "../../../cli/models.ts";
import { bufferSource } from "../../../formats/byte-source.ts";
import { loadCheckpoint } from "../../../models/checkpoint.ts";
import { type Identified, identify } from "../../../models/identify.ts";
import type { Checkpoint } from "../../../models/types.ts";
import { MemoryModelFiles } from "../../../storage/model-files.ts";
import { isPartOf, modelPartKey, tunedModel } from "../../engine/shard-names.ts";
import { kitBytes, kitModel } from "../../testing/parity-kit.ts";
import { tunedClipFile } from "../../training/learned-file.ts";
import { teachClip } from "../../training/teachable.ts";
import { SelectedModels } from "../selected-models.ts";
import type { ShippedFiles } from "../shipped/shipped-files.ts";
import { Shelf, shelfItemOf } from "./shelf.ts";

const NOISE = { latents: new Float32Array(2 * 4 * 8 * 4).fill(0.5), shape: [2, 4, 8, 4] };

async function tuned(checkpoint: Checkpoint, noise: typeof NOISE | null): Promise<Uint8Array<ArrayBuffer>> {
  const { parameters } = await teachClip(checkpoint, 1);
  const levels = checkpoint.unet.config.blockOutChannels;
  return tunedClipFile(parameters, noise, { modelName: "Mini", levels, caption: "a ball", thumbnail: null });
}

function identified(bytes: Uint8Array): Promise<Identified> {
  return identify([{ path: "ball.safetensors", source: bufferSource(bytes, "ball.safetensors") }]);
}

it.each([
  ["Mini", () => openCheckpoint(null)],
  ["the tiny family", () => loadCheckpoint(kitModel("tiny-sd15.safetensors"))],
])("a clip that %s was tuned on is recognised, with the levels of its checkpoint and the size of its noise", async (_, open) => {
  const checkpoint = await open();
  const found = await identified(await tuned(checkpoint, NOISE));
  expect(found).toMatchObject({ kind: "tuned-clip", summary: "one clip, tuned on Mini (Tune-A-Video), 2 frames" });
  expect(shelfItemOf("id", found)).toMatchObject({
    kind: "tuned-clip",
    name: "ball",
    clip: { frames: 2, height: 8, width: 4 },
    levels: checkpoint.unet.config.blockOutChannels,
    suggested: { sampler: "ddim" },
  });
  const without = await identified(await tuned(checkpoint, null));
  expect(without.summary).toMatch(/without its noise$/);
  expect(shelfItemOf("id", without).clip).toBeUndefined();
});

it("noise that is not a clip's is refused when the file is added", async () => {
  const flat = { latents: NOISE.latents, shape: [1, 2, 4, 8, 4] };
  await expect(tuned(await openCheckpoint(null), flat).then(identified)).rejects.toThrow(
    "ball.safetensors stores its clip's noise as [1, 2, 4, 8, 4], not as [frames, channels, height, width].",
  );
});

it("a tuned clip that is chosen as motion tunes the checkpoint, under a key of its own, and brings its noise", async () => {
  const files = new MemoryModelFiles();
  const options = { report: () => undefined, signal: new AbortController().signal };
  const keep = async (name: string, bytes: Uint8Array<ArrayBuffer>, kind: string) =>
    (await files.keep([{ path: name, file: new Blob([bytes]) }], { ...options, entry: (id) => ({ id, kind }) })).id;
  const checkpoint = await keep("tiny.safetensors", kitBytes("models/tiny-sd15.safetensors"), "checkpoint");
  const clip = await keep(
    "ball.safetensors",
    await tuned(await loadCheckpoint(kitModel("tiny-sd15.safetensors")), NOISE),
    "tuned-clip",
  );
  const shelf = new Shelf({} as ShippedFiles, files);
  const selection = { checkpoint, vae: null, loras: [], motionLoras: [] };
  const compose = (motion: string | null) =>
    new SelectedModels().compose({ selection: { ...selection, motion }, embeddings: [], controls: [] }, shelf);
  const [plain, moved] = [await compose(null), await compose(clip)];
  expect(plain.latents).toBeNull();
  expect(await moved.latents!.read()).toEqual(NOISE.latents);
  expect(moved.models.motion).toBeNull();
  expect([plain, moved].map(({ models }) => models.unet.config.tunedOnClip ?? false)).toEqual([false, true]);
  expect(moved.models.unet.key).toBe(modelPartKey(tunedModel(checkpoint, clip), "unet"));
  expect([checkpoint, clip, "other"].map((id) => isPartOf(moved.models.unet.key, id))).toEqual([true, true, false]);
});
