/** The words of an animation, and how they are read. */

import { EASINGS } from "../animation/easing.ts";
import { choice, list, number, text } from "./setting.ts";

const MAX_CHARACTERS = 100_000;

/** One that the model that ships with the page draws well. */
export const firstPrompt = "a panda on a pink background";

export const promptSettings = {
  prompt: text({
    label: "Prompt",
    hint: "Words that describe the animation.",
    flag: "prompt",
    infotext: null,
    link: "prompt",
    inEveryLink: true,
    default: "",
    firstVisit: firstPrompt,
    required: true,
    maxLength: MAX_CHARACTERS,
  }),
  negative: text({
    label: "Negative prompt",
    hint: "Words that describe what the animation must not show.",
    flag: "negative",
    infotext: null,
    link: "negative",
    default: "",
    maxLength: MAX_CHARACTERS,
  }),
  /** Prompt travel: from `frame` on, `text` holds; the text's conditioning is interpolated between key frames. */
  promptAt: list({
    label: "Prompt at",
    hint: `A prompt that holds from a frame on; the clip goes over from one to the next: ${EASINGS.join(", ")}.`,
    flag: "prompt-at",
    infotext: "Prompt at",
    link: "at",
    default: [],
  }),
  /** A1111 counting: 1 is the last layer. */
  clipSkip: number({
    label: "Clip skip",
    hint: "The layer of the text encoder that is read, counted from the end; 1 is the last.",
    flag: "clip-skip",
    infotext: "Clip skip",
    link: "clip-skip",
    min: 1,
    max: 24,
    multipleOf: 1,
    default: 1,
    field: { max: 12, step: 1 },
  }),
  /** "a1111" reads `(word:1.2)` weights and `<lora:name:0.8>` in prompts. The page does; the command line by flag. */
  promptSyntax: choice({
    label: "Prompt syntax",
    hint: "Reads (words:1.2), [words], BREAK and <lora:name:0.8> in a prompt as A1111 does, or takes them for words like others.",
    flag: "prompt-syntax",
    infotext: "Prompt syntax",
    link: "brackets",
    choices: [
      { value: "a1111", label: "As A1111" },
      { value: "plain", label: "Plain words" },
    ],
    default: "plain",
    firstVisit: "a1111",
  }),
  longPrompts: choice({
    label: "Long prompts",
    hint: "The text encoder reads 75 tokens at once; a longer prompt is encoded in several chunks, or cut off there.",
    flag: "long-prompts",
    infotext: "Long prompts",
    link: "long-prompts",
    choices: [
      { value: "chunk", label: "Encode in chunks" },
      { value: "truncate", label: "Cut off" },
    ],
    default: "truncate",
    firstVisit: "chunk",
  }),
};
