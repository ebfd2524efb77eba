/** Prompts that the model which ships with the page draws well. */

export interface Example {
  readonly title: string;
  readonly prompt: string;
}

export const firstPrompt = "a yellow fish swimming to the right on a blue background";

export const examples: readonly Example[] = [
  { title: "bouncing ball", prompt: "a red ball bouncing on a green background" },
  { title: "driving car", prompt: "an orange car driving to the left on a white background" },
  { title: "pink heart", prompt: "a pink heart moving to the right on a black background" },
  { title: "swimming fish", prompt: firstPrompt },
];
