/** What follows from a draft where the person has not said otherwise: trigger word, prompt of the samples, learning rate. */
import { captionOfName } from "../../core/training/captions.ts";
import { suitableLearningRate } from "../../core/training/suitable-rate.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { TeachDraft } from "../store/teach.ts";

/** A step of Tune-A-Video sees no more. */
const mostTunedFrames = 16;

/** The trigger word; empty: none. A tuned clip has none, because nothing but the clip is in its model. */
export function triggerOf({ kind, trigger, name }: TeachDraft): string {
  return kind === "tune-a-video" ? "" : (trigger ?? slugOf(name));
}

/** Frames that a model is tuned on where the person has not said how many: the clip's first ones. */
export function tunedFrames({ examples }: Pick<TeachDraft, "examples">): number {
  return Math.min(examples[0]?.frames.length ?? mostTunedFrames, mostTunedFrames);
}

/** Why a model cannot be tuned on these examples; null: it can. */
export function untunable({ examples }: Pick<TeachDraft, "examples">): string | null {
  if (examples.length > 1) return `The model is tuned on one clip: take ${examples.length - 1} of the ${examples.length} out.`;
  if (examples[0]?.frames.length === 1) return "The model is tuned on a clip: bring a GIF or a video instead of a picture.";
  return null;
}

/** The prompt of the samples: the person's own, else the caption of a clip to tune on, else the page's with the trigger word. */
export function samplePromptOf(draft: TeachDraft, prompt: string): string {
  const trigger = triggerOf(draft);
  const caption = draft.kind === "tune-a-video" ? (draft.examples[0]?.caption.trim() ?? "") : "";
  if (caption !== "") return draft.samplePrompt ?? caption;
  return draft.samplePrompt ?? (trigger === "" || prompt.includes(trigger) ? prompt : `${trigger}, ${prompt}`);
}

/** The learning rate where the person has not chosen one. */
export function suitableRate(kind: TeachDraft["kind"], checkpoint: ShelfItem | undefined): number {
  return suitableLearningRate(kind, checkpoint?.size?.parameters ?? Number.POSITIVE_INFINITY);
}

/** What it is called where the person has not said: a clip by its file. @param file name of the first example; "" without one */
export function usualName(kind: TeachDraft["kind"], file: string): string {
  return kind === "tune-a-video" ? captionOfName(file) || "My clip" : "My LoRA";
}

/** A name that nothing on the shelf has: "My LoRA", "My LoRA 2". */
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

/** What will be learned, in words. @param draft with examples */
export function lessonWords(draft: TeachDraft, model: string): string {
  const { kind, examples } = draft;
  if (kind === "tune-a-video") {
    const all = examples[0]!.frames.length;
    const typed = Number(draft.numbers.frames);
    const seen = Number.isInteger(typed) && typed > 0 ? typed : tunedFrames(draft);
    const which = seen < all ? `, its first ${seen} of ${all} frames` : "";
    const cut = isSquare(examples[0]!.frames[0]!) ? "" : ", cut to its middle square";
    return `${model} learns to draw this clip${which}${cut}. Then other words draw it anew: the movement stays, and what they say changes.`;
  }
  const trigger = triggerOf(draft);
  const [one, many, what] = kind === "lora" ? ["picture", "pictures", "look"] : ["clip", "clips", "movement"];
  const shown = examples.length === 1 ? `the ${one}` : `the ${examples.length} ${many}`;
  const learns = examples.length === 1 ? `${model} learns the ${what} of ${shown}.` : `${model} learns what ${shown} share.`;
  const called = trigger === "" ? "it shows in every prompt" : `it answers to “${trigger}”`;
  return `${learns} What a caption names stays with its words; the rest is learned, and ${called}.`;
}

/** Advice about the examples; null: they are fine. */
export function adviceOn({ kind, examples }: TeachDraft): string | null {
  if (kind === "tune-a-video") {
    const wrong = untunable({ examples });
    if (wrong !== null) return wrong;
    const said = examples[0]!.caption.trim() !== "";
    return said
      ? "The caption should say what the clip shows: those are the words to exchange later."
      : "Say in the caption what the clip shows: those are the words to exchange later.";
  }
  if (kind === "motion-lora") {
    const still = examples.filter(({ frames }) => frames.length === 1).length;
    if (still > 0) return "Movement is learned from GIFs and videos: take the single pictures out.";
    return examples.length > 1 ? null : "To draw this very clip with other words, choose “One clip”.";
  }
  const clips = examples.filter(({ frames }) => frames.length > 1).length;
  if (clips > 0) return "Of a clip only the first frame counts here. Choose “How things move” to learn its movement.";
  return examples.length < 5 ? "10 to 30 pictures teach it better." : null;
}

/** By the PNG's header (W3C PNG, section 11.2.1), which begins with width and height. */
function isSquare(png: Uint8Array): boolean {
  if (png.length < 24) return false;
  const header = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return header.getUint32(16) === header.getUint32(20);
}
