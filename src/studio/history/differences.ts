/** Finds the settings in which animations differ that are shown side by side. */
import { samplerLabel } from "../../core/diffusion/sampler.ts";
import type { HistoryRecord } from "../../protocol/history.ts";

export type Compared = Pick<HistoryRecord, "request" | "names" | "title">;

/** For each animation, in a few words, the settings that are not the same in all; "same settings" if there are none. */
export function differences(all: readonly Compared[]): string[] {
  const facts = all.map(factsOf);
  const [first = []] = facts;
  const differing = first.map((_, i) => facts.some((each) => each[i] !== first[i]));
  const words = facts.map((each) => each.filter((fact, i) => differing[i] && fact !== "").join(" · "));
  return words.map((each) => (each === "" ? "same settings" : each));
}

/** The same facts in the same order for every animation, the most important first. */
function factsOf({ title, request: { settings, start, control }, names }: Compared): string[] {
  const { prompt, negative, promptAt, variation } = settings;
  return [
    title ?? "",
    `seed ${settings.seed}`,
    variation === undefined ? "as it is" : `${variation.strength} towards ${variation.seed}`,
    names.loras.length === 0 ? "no LoRA" : names.loras.map(({ name, weight }) => `${name} ${weight}`).join(" + "),
    names.checkpoint,
    names.motion ?? "no motion",
    names.vae === undefined ? "own VAE" : `VAE ${names.vae}`,
    start === undefined ? "from noise" : `begins with ${start.name} at ${start.strength}`,
    control === undefined ? "no control" : `follows ${control.name} by ${names.control} ${control.weight ?? 1}`,
    `${settings.steps} steps`,
    `CFG ${settings.cfgScale}`,
    samplerLabel(settings.sampler),
    `${settings.width} × ${settings.height}`,
    `${settings.frames} frames`,
    `${settings.fps} fps`,
    `schedule ${settings.schedule ?? "from the model"}`,
    `clip skip ${settings.clipSkip}`,
    `norm ${settings.norm}`,
    settings.precision,
    settings.frames > settings.contextLength
      ? `windows of ${settings.contextLength} that share ${settings.contextOverlap}${settings.contextMode === "freenoise" ? ", FreeNoise" : ""}`
      : "",
    `prompt “${[prompt, ...promptAt.map(({ frame, text }) => `${frame}: ${text}`)].join(" → ")}”`,
    negative === "" ? "no negative prompt" : `without “${negative}”`,
  ];
}
