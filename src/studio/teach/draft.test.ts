import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { adviceOn, freshName, lessonWords, samplePromptOf, suitableRate, triggerOf, tunedFrames, untunable } from "./draft.ts";

const draft = createStudioStore().getState().teachDraft;
const example = (frames: number) => ({
  id: String(frames),
  name: "a.png",
  frames: Array.from({ length: frames }, () => new Uint8Array()),
  caption: "",
});

it("the trigger word is made of the name until it is typed, and the samples' prompt begins with it", () => {
  const named = { ...draft, name: "My dog, Rex!" };
  expect(triggerOf(named)).toBe("mydogrex");
  expect(triggerOf({ ...named, trigger: "sks" })).toBe("sks");
  expect(triggerOf({ ...named, trigger: "" })).toBe("");
  expect(samplePromptOf(named, "on the moon")).toBe("mydogrex, on the moon");
  expect(samplePromptOf({ ...named, trigger: "sks" }, "sks on the moon")).toBe("sks on the moon");
  expect(samplePromptOf({ ...named, samplePrompt: "a cat" }, "on the moon")).toBe("a cat");
});

it("says what is learned, and warns of too few pictures and of clips that are not learned as such", () => {
  const many = { ...draft, name: "rex", examples: Array.from({ length: 6 }, () => example(1)) };
  expect(lessonWords(many, "Mini")).toMatch(/^Mini learns what the 6 pictures share\. .*it answers to “rex”\.$/);
  expect(adviceOn(many)).toBeNull();
  expect(adviceOn({ ...many, examples: [example(1)] })).toMatch(/10 to 30/);
  expect(adviceOn({ ...many, examples: [...many.examples, example(8)] })).toMatch(/first frame/);
  expect(adviceOn({ ...many, kind: "motion-lora" })).toMatch(/GIFs and videos/);
});

it("a second LoRA gets another name, and small networks a higher rate", () => {
  const shelf = [{ name: "My LoRA" }, { name: "My LoRA 2" }] as ShelfItem[];
  expect(freshName("My LoRA", shelf)).toBe("My LoRA 3");
  expect(freshName("dog", shelf)).toBe("dog");
  const sized = (parameters: number) => ({ size: { parameters, firstWidth: 64, vaeWidth: 16 } }) as ShelfItem;
  expect(suitableRate("lora", sized(9e6))).toBeGreaterThan(suitableRate("lora", sized(900e6)));
  expect(suitableRate("lora", undefined)).toBe(suitableRate("lora", sized(900e6)));
});

it("a model is tuned on the first frames of one clip, without a trigger word", () => {
  const one = { ...draft, kind: "tune-a-video" as const, name: "ball", examples: [{ ...example(40), caption: "a ball" }] };
  expect([triggerOf(one), tunedFrames(one), untunable(one)]).toEqual(["", 16, null]);
  expect(lessonWords(one, "Mini")).toMatch(/^Mini learns to draw this clip, its first 16 of 40 frames, /);
  expect(lessonWords({ ...one, examples: [example(8)] }, "Mini")).toMatch(/^Mini learns to draw this clip, cut to/);
  expect(adviceOn({ ...one, examples: [example(8)] })).toMatch(/^Say in the caption what the clip shows/);
  expect(untunable({ examples: [example(8), example(9)] })).toBe("The model is tuned on one clip: take 1 of the 2 out.");
  expect(untunable({ examples: [example(1)] })).toMatch(/bring a GIF or a video/);
  expect(adviceOn({ ...draft, kind: "motion-lora", examples: [example(8)] })).toMatch(/“One clip”/);
  const sized = { size: { parameters: 9e6, firstWidth: 64, vaeWidth: 16 } } as ShelfItem;
  expect([suitableRate("tune-a-video", sized), suitableRate("tune-a-video", undefined)]).toEqual([3e-4, 3e-5]);
});
