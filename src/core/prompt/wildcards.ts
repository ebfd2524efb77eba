/**
 * Wildcards of Dynamic Prompts: `{red|green|blue}` is one of the words, `{3::red|green}` red three times as often; they may be nested.
 * The seed chooses, so that the same seed and prompt give the same words.
 */

import { TorchGenerator } from "../diffusion/noise.ts";
import type { RenderSettings } from "../settings/render-settings.ts";

type Prompts = Pick<RenderSettings, "prompt" | "negative" | "promptAt" | "promptSyntax" | "seed">;

/** Settings whose prompts have the words that the seed chooses. With plain words (`promptSyntax`) braces are characters like others. */
export function withWildcards<S extends Prompts>(settings: S): S {
  const { prompt, negative, promptAt, promptSyntax, seed } = settings;
  if (promptSyntax === "plain") return settings;
  const generator = new TorchGenerator(seed);
  const choose = (text: string) => chosenWords(text, () => generator.randint(RESOLUTION, 1)[0]! / RESOLUTION);
  return {
    ...settings,
    prompt: choose(prompt),
    negative: choose(negative),
    promptAt: promptAt.map((keyframe) => ({ ...keyframe, text: choose(keyframe.text) })),
  };
}

/** Steps of a choice; far finer than any list of words is long. */
const RESOLUTION = 2 ** 31;

/** The innermost braces that hold a choice. `{2$$a|b}`, several of them, is another form. */
const INNERMOST = /(?<!\\)\{([^{}]*\|[^{}]*)\}/;
const SEVERAL = /^[^|]*\$\$/;

/** @param random in [0, 1), called once for each choice */
export function chosenWords(text: string, random: () => number): string {
  const found = INNERMOST.exec(text);
  if (found === null) return text;
  const [whole, inside] = found as unknown as [string, string];
  const [before, after] = [text.slice(0, found.index), text.slice(found.index + whole.length)];
  if (SEVERAL.test(inside)) return `${before}${whole}${chosenWords(after, random)}`;
  return chosenWords(`${before}${pick(inside.split("|"), random())}${after}`, random);
}

/** The text with all words of every choice side by side, commas between, for those who ask what may stand in it. */
export function allChoices(text: string): string {
  const found = INNERMOST.exec(text);
  if (found === null) return text;
  const [whole, inside] = found as unknown as [string, string];
  const [before, after] = [text.slice(0, found.index), text.slice(found.index + whole.length)];
  if (SEVERAL.test(inside)) return `${before}${whole}${allChoices(after)}`;
  const options = inside.split("|").map((option) => weightedOption(option).words);
  return allChoices(`${before}${options.join(", ")}${after}`);
}

function weightedOption(option: string): { readonly words: string; readonly weight: number } {
  const [, weight, words] = /^\s*(\d+(?:\.\d*)?|\.\d+)::(.*)$/s.exec(option) ?? [];
  return { words: (words ?? option).trim(), weight: weight === undefined ? 1 : Number(weight) };
}

function pick(options: readonly string[], at: number): string {
  const weighted = options.map(weightedOption);
  let left = at * weighted.reduce((sum, { weight }) => sum + weight, 0);
  const found = weighted.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return (found ?? weighted.at(-1)!).words;
}
