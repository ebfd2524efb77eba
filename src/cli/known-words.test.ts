import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultSettings } from "../core/settings/render-settings.ts";
import sixShapes from "../core/vocabulary/testing/six-shapes.json";
import { parseRenderArguments } from "./arguments.ts";
import { unknownWordNotices } from "./known-words.ts";
import { openModels } from "./models.ts";
import { resolveSettings } from "./settings.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-words-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `zoetrope render` says of the words of a command. */
async function noticesOf(...options: string[]): Promise<string[]> {
  const args = parseRenderArguments([...options, "--out", "clip.gif"]);
  const opened = await openModels(args);
  return unknownWordNotices(resolveSettings(args, opened.models), opened.words);
}

it("names what Mini does not know", async () => {
  expect(await noticesOf("--prompt", "a chrome-plated zorblax", "--prompt-at", "8=a wibbling (qwyx:1.2)")).toEqual([
    "Mini cannot draw zorblax, qwyx.",
    "Not known to Mini: chrome, plated, wibbling.",
  ]);
});

it("names what the negative prompt cannot keep out, while it is read", async () => {
  const words = ["--prompt", "a cat", "--negative", "wibbling, (zorblax:1.2), a cat"];
  expect(await noticesOf(...words, "--cfg", "5")).toEqual(["Not known to Mini, so not kept out: wibbling, zorblax."]);
  expect(await noticesOf(...words, "--cfg", "1")).toEqual([]);
});

it("with the nearest that a list names", async () => {
  await writeFile(join(folder, "words.json"), JSON.stringify(sixShapes));
  const prompts = { ...defaultSettings(), prompt: "a dragon" };
  expect(await unknownWordNotices(prompts, { path: folder, name: "mine", added: [] })).toEqual([
    "mine cannot draw dragon (nearest: cat).",
  ]);
  await rm(join(folder, "words.json"));
});

it("counts the words that a LoRA brings as known, and the robot's with its own checkpoint", async () => {
  const robot = ["--prompt", "a blue sks robot, neon style", "--checkpoint", "public/models/mini-robot"];
  expect(await noticesOf(...robot)).toEqual(["Not known to mini-robot: neon."]);
  expect(await noticesOf(...robot, "--lora", "public/models/mini/loras/neon.safetensors")).toEqual([]);
});

it("says nothing of a checkpoint without a list, and of a list that cannot be read why", async () => {
  const prompts = { ...defaultSettings(), prompt: "a wizard" };
  const words = { path: folder, name: "mine", added: [] };
  expect(await unknownWordNotices(prompts, words)).toEqual([]);
  for (const [text, why] of [
    ["{", "the list should be an object"],
    ['{"version":9}', "its version is 9"],
  ] as const) {
    await writeFile(join(folder, "words.json"), text);
    expect((await unknownWordNotices(prompts, words)).join()).toContain(`words.json cannot be read: ${why}`);
  }
});
