/**
 * The examples of a checkpoint: finished animations with their settings, from `examples/<checkpoint>/examples.json` beside
 * the page (bench/examples.ts writes it). Each brings its frames as one WebP picture, a strip from top to bottom.
 */
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSelection } from "../../protocol/engine.ts";
import type { Picture } from "../store/clip.ts";
import type { Example, Examples } from "../store/examples.ts";

/** The checkpoints that come with the page bring examples. */
const withExamples = ["mini", "mini-robot"];

/** The file as it is written. */
interface ExampleList {
  /** The seed of a newcomer's first animation. */
  readonly firstSeed: number;
  readonly examples: readonly {
    readonly title: string;
    /** Address of the strip, seen from the list. */
    readonly strip: string;
    readonly settings: Partial<RenderSettings> & Pick<RenderSettings, "prompt" | "seed" | "width" | "height" | "frames" | "fps">;
    readonly models: ModelSelection;
  }[];
}

/** @param checkpoint null while the shelf is not known, which becomes Mini */
export function bringsExamples(checkpoint: string | null): boolean {
  return withExamples.includes(checkpoint ?? "mini");
}

/** @returns null where the checkpoint brings no examples */
export async function loadExamples(checkpoint: string | null): Promise<Examples | null> {
  if (!bringsExamples(checkpoint)) return null;
  const id = checkpoint ?? "mini";
  const address = new URL(`examples/${id}/examples.json`, document.baseURI);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address.pathname}: HTTP ${response.status}`);
  const { firstSeed, examples } = (await response.json()) as ExampleList;
  const placed = examples.map((example): Example => ({ ...example, strip: new URL(example.strip, address).href }));
  return { checkpoint: id, firstSeed, list: placed };
}

/** The frames of an example, cut from its strip. */
export async function examplePictures({ strip, settings }: Example): Promise<Picture[]> {
  const { width, height, frames } = settings;
  const response = await fetch(strip);
  const bitmap = await createImageBitmap(await response.blob());
  const canvas = new OffscreenCanvas(width, height * frames);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas for an example");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return Array.from({ length: frames }, (_, frame) => ({
    image: context.getImageData(0, frame * height, width, height),
    quality: "final",
  }));
}
