/** Prompts that the model which ships with the page draws well. */

export interface Example {
  readonly title: string;
  readonly prompt: string;
}

export const firstPrompt = "a yellow star bouncing on a purple background";

export const examples: readonly Example[] = [
  { title: "star", prompt: firstPrompt },
  { title: "heart", prompt: "a pink heart bouncing on a black background" },
  { title: "ball", prompt: "a red ball bouncing on a white background" },
  { title: "fish", prompt: "an orange fish swimming to the right on a blue background" },
  { title: "car", prompt: "a blue car driving to the left on a yellow background" },
];
