/** Prompts that show what a checkpoint draws well: those of the models that ship with the page, and general ones for all others. */
import { firstPrompt } from "../../core/settings/prompt.ts";
import type { Keyframe } from "../../core/settings/setting.ts";

export interface Example {
  readonly title: string;
  readonly prompt: string;
  /** What it shows besides its words. */
  readonly hint?: string;
  readonly keyframes?: readonly Keyframe[];
  /** Id of the checkpoint that it needs; absent: the chosen one draws it. */
  readonly checkpoint?: string;
}

const robot = { prompt: "a sks robot on a light blue background", checkpoint: "mini-robot" };

const mini: readonly Example[] = [
  { title: "panda", prompt: firstPrompt },
  { title: "ghost", prompt: "a ghost floating at night" },
  { title: "astronaut", prompt: "an astronaut in space" },
  { title: "car", prompt: "a red car moving to the right in the city" },
  {
    title: "change of colour",
    prompt: "a red heart on a yellow background",
    hint: "A prompt that travels: a second prompt stands on the timeline, and the animation goes from one to the other.",
    keyframes: [{ frame: 12, text: "a blue heart on a yellow background" }],
  },
  {
    title: "neon rocket",
    prompt: "a rocket at night, neon style <lora:neon:1>",
    hint: "A LoRA called by name inside the prompt, with its weight.",
  },
  { title: "robot", ...robot, hint: "Chooses Robot: Mini after it has learned one new thing from stills." },
];

const ofRobot: readonly Example[] = [
  { title: "robot", ...robot },
  { title: "driving robot", prompt: "a sks robot moving to the left on a green background" },
  { title: "robot in the snow", prompt: "a sks robot in the snow" },
];

/** For checkpoints that people add. */
const general: readonly Example[] = [
  { title: "fox", prompt: "a fox running through deep snow, golden hour, detailed fur" },
  { title: "sea", prompt: "waves breaking on black rocks at dusk, long exposure" },
  { title: "portrait", prompt: "portrait of a woman, wind in her hair, soft light, film grain" },
  { title: "city", prompt: "a rainy street at night, neon signs, reflections, people with umbrellas" },
];

const shipped: Readonly<Record<string, readonly Example[]>> = { mini, "mini-robot": ofRobot };

/** @param checkpoint the chosen checkpoint's id; null while none is chosen, which becomes Mini */
export function examplesOf(checkpoint: string | null): readonly Example[] {
  return shipped[checkpoint ?? "mini"] ?? general;
}
