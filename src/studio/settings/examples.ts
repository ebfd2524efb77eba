/** Prompts that the model which ships with the page draws well. */

export interface Example {
  readonly title: string;
  readonly prompt: string;
}

export const firstPrompt = "a yellow fish swimming to the right on a blue background";

export const examples: readonly Example[] = [
  { title: "fish", prompt: firstPrompt },
  { title: "ball", prompt: "a red ball bouncing on a white background" },
  { title: "car", prompt: "an orange car driving to the left on a blue background" },
  { title: "heart", prompt: "a pink heart bouncing on a black background" },
  { title: "star", prompt: "a yellow star moving to the right on a purple background" },
];
