/** The noise that a render begins with, where it is not the seed's. */

import type { RenderSettings } from "../core/settings/render-settings.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { fileSource } from "../runtime/node/file-source.ts";
import { checkLatents, clipLatents } from "../runtime/pipeline/given-latents.ts";
import type { RenderArguments } from "./arguments.ts";
import type { OpenedModels } from "./models.ts";

/** Named latents, else those that came with the models, unless a picture is to begin with or "none" asks for the seed's noise. */
export async function openLatents(
  { initLatents, initVideo }: RenderArguments,
  { models, latents }: OpenedModels,
  settings: RenderSettings,
): Promise<Float32Array | null> {
  if (initLatents !== null && initLatents !== "none") return readLatents(initLatents, settings, models);
  if (initLatents === "none" || initVideo !== null) return null;
  return clipLatents(latents, settings, models);
}

async function readLatents(path: string, settings: RenderSettings, models: ModelSet): Promise<Float32Array> {
  const file = await openTensorFile(await fileSource(path));
  checkLatents(`The tensor "latents" of ${path}`, file.tensors.get("latents")?.shape, settings, models);
  return file.readFloat32("latents");
}
