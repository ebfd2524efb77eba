/** Prompts that the model that ships with the page draws well; one changes along the clip. */
import { firstPrompt } from "../../core/settings/prompt.ts";
import type { Keyframe } from "../../core/settings/setting.ts";

export interface Example {
  readonly title: string;
  readonly prompt: string;
  /** What it shows besides its words. */
  readonly hint?: string;
  readonly keyframes?: readonly Keyframe[];
}

export const examples: readonly Example[] = [
  { title: "star", prompt: firstPrompt },
  { title: "heart", prompt: "a pink heart bouncing on a black background" },
  { title: "ball", prompt: "a red ball bouncing on a white background" },
  { title: "fish", prompt: "an orange fish swimming to the right on a blue background" },
  { title: "car", prompt: "a blue car driving to the left on a yellow background" },
  {
    title: "change of colour",
    prompt: "a red ball bouncing on a yellow background",
    hint: "A prompt that travels: a second prompt stands on the timeline, and the animation goes from one to the other.",
    keyframes: [{ frame: 12, text: "a blue ball bouncing on a pink background" }],
  },
  {
    title: "neon heart",
    prompt: "a pink heart bouncing on a black background, neon style <lora:neon:1>",
    hint: "A LoRA called by name inside the prompt, with its weight.",
  },
];
