/** The noise that a render begins with, where it is not the seed's. */

import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { fileSource } from "../runtime/node/file-source.ts";
import { latentShape } from "../runtime/pipeline/latent-shape.ts";
import type { RenderArguments } from "./arguments.ts";
import type { OpenedModels } from "./models.ts";

/** [F, C, h, w] */
export function latentDims(settings: RenderSettings, models: ModelSet): readonly number[] {
  const { frames, channels, height, width } = latentShape(settings, models);
  return [frames, channels, height, width];
}

/** Named latents, else those that came with the models, unless a picture is to begin with or "none" asks for the seed's noise. */
export async function openLatents(
  { initLatents, initVideo }: RenderArguments,
  { models, latents }: OpenedModels,
  settings: RenderSettings,
): Promise<Float32Array | null> {
  if (initLatents !== null && initLatents !== "none") return readLatents(initLatents, settings, models);
  if (latents === null || initLatents === "none" || initVideo !== null) return null;
  checkLatents("The noise of the tuned clip", latents.shape, settings, models);
  return latents.read();
}

function checkLatents(name: string, found: readonly number[] | undefined, settings: RenderSettings, models: ModelSet): void {
  const wanted = latentDims(settings, models);
  if (found?.length === 4 && found.every((d, i) => d === wanted[i])) return;
  throw new ZoetropeError("latents/wrong-shape", {
    message: `${name} should be of shape ${wanted.join("×")}; it has ${found?.join("×") ?? "none of that name"}.`,
    hint: "Match frames, width and height to it.",
  });
}

async function readLatents(path: string, settings: RenderSettings, models: ModelSet): Promise<Float32Array> {
  const file = await openTensorFile(await fileSource(path));
  checkLatents(`The tensor "latents" of ${path}`, file.tensors.get("latents")?.shape, settings, models);
  return file.readFloat32("latents");
}
