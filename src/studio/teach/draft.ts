/** What follows from a draft where the person has not said otherwise: trigger word, prompt of the samples, learning rate. */
import { suitableLearningRate } from "../../core/training/suitable-rate.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { TeachDraft } from "../store/teach.ts";

/** The trigger word; empty: none. */
export function triggerOf({ trigger, name }: TeachDraft): string {
  return trigger ?? slugOf(name);
}

/** The prompt of the samples: the person's own, else the page's with the trigger word. */
export function samplePromptOf(draft: TeachDraft, prompt: string): string {
  const trigger = triggerOf(draft);
  return draft.samplePrompt ?? (trigger === "" || prompt.includes(trigger) ? prompt : `${trigger}, ${prompt}`);
}

/** The learning rate where the person has not chosen one. */
export function suitableRate(checkpoint: ShelfItem | undefined): number {
  return suitableLearningRate("lora", checkpoint?.size?.parameters ?? Number.POSITIVE_INFINITY);
}

/** A name that no LoRA of the shelf has: "My LoRA", "My LoRA 2". */
export function freshName(wanted: string, shelf: readonly ShelfItem[]): string {
  const taken = new Set(shelf.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name)) return name;
  }
}

/** "My dog!" -> "mydog": one word, so that a prompt can hold it. */
function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{Letter}\p{Number}]+/gu, "");
}

/** What will be learned, in words. */
export function lessonWords(draft: TeachDraft, model: string): string {
  const { kind, examples } = draft;
  const trigger = triggerOf(draft);
  const [one, many, what] = kind === "lora" ? ["picture", "pictures", "look"] : ["clip", "clips", "movement"];
  const shown = examples.length === 1 ? `the ${one}` : `the ${examples.length} ${many}`;
  const learns = examples.length === 1 ? `${model} learns the ${what} of ${shown}.` : `${model} learns what ${shown} share.`;
  const called = trigger === "" ? "it shows in every prompt" : `it answers to “${trigger}”`;
  return `${learns} What a caption names stays with its words; the rest is learned, and ${called}.`;
}

/** Advice about the examples; null: they are fine. */
export function adviceOn({ kind, examples }: TeachDraft): string | null {
  if (kind === "motion-lora") {
    const still = examples.filter(({ frames }) => frames.length === 1).length;
    return still === 0 ? null : "Movement is learned from GIFs and videos: take the single pictures out.";
  }
  const clips = examples.filter(({ frames }) => frames.length > 1).length;
  if (clips > 0) return "Of a clip only the first frame counts here. Choose “How things move” to learn its movement.";
  return examples.length < 5 ? "10 to 30 pictures teach it better." : null;
}
