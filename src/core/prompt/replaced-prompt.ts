import type { RenderSettings } from "../settings/render-settings.ts";

/** A sentence where keyframes take the prompt's place and none of them says what it says: then nothing reads the prompt. */
export function replacedPrompt({ prompt, promptAt }: Pick<RenderSettings, "prompt" | "promptAt">): string[] {
  const replaced = promptAt.length > 0 && prompt.trim() !== "" && !promptAt.some(({ text }) => text === prompt);
  if (!replaced) return [];
  return ["The prompt was not read, because prompts at frames take its place. To begin with it, give it at frame 0."];
}
