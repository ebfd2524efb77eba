/** Draws pictures of a subject's class with the model as it is, for prior preservation (DreamBooth, Ruiz et al. 2023). */

import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { JobTools } from "../pipeline/job.ts";
import { renderClip } from "../pipeline/render-clip.ts";
import type { CaptionedPicture } from "./examples.ts";

/**
 * Yields one picture for each seed from `settings.seed + first` on.
 * @param settings with the class as the prompt
 * @throws the signal's reason when aborted
 */
export async function* drawClassPictures(
  models: ModelSet,
  settings: RenderSettings,
  first: number,
  count: number,
  tools: JobTools,
): AsyncGenerator<CaptionedPicture, void> {
  const still = { ...models, motion: null };
  for (let i = first; i < count; i++) {
    const own = { ...settings, frames: 1, seed: settings.seed + i };
    const request = { settings: own, models: still, initLatents: null, initVideo: null, controls: [], decodeTile: null };
    for await (const event of renderClip(request, tools)) {
      if (event.type !== "frame") continue;
      yield { pixels: event.pixels, width: settings.width, height: settings.height, caption: settings.prompt };
    }
  }
}
