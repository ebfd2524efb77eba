/** The folder of pictures of a subject's class, which the model draws once; a later training finds them there. */

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { toRgba } from "../media/pixels.ts";
import { framePng } from "../media/png/frame-png.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { JobTools } from "../runtime/pipeline/job.ts";
import { drawClassPictures } from "../runtime/training/class-pictures.ts";
import type { CaptionedPicture } from "../runtime/training/examples.ts";
import { writeOut } from "./output.ts";
import { readExamples } from "./training-examples.ts";

/** The pictures in the folder, and as many new ones as are missing to `count`, which it then holds, too. */
export async function classPictures(
  folder: string,
  count: number,
  models: ModelSet,
  settings: RenderSettings,
  tools: JobTools,
  say: (phase: string, done: number, total: number) => void,
): Promise<readonly CaptionedPicture[]> {
  await mkdir(folder, { recursive: true });
  const had = (await readdir(folder)).filter((name) => /\.png$/i.test(name)).length;
  let drawn = had;
  for await (const { pixels, width, height } of drawClassPictures(models, settings, had, count, tools)) {
    await writeOut(join(folder, `${String(drawn++).padStart(4, "0")}.png`), framePng({ width, height, data: toRgba(pixels) }));
    say("class picture", drawn, count);
  }
  const examples = await readExamples(
    { type: "pictures", path: folder, captions: settings.prompt, trigger: null },
    settings.width,
  );
  return examples.type === "pictures" ? examples.pictures.slice(0, count) : [];
}
