import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseRenderArguments } from "./arguments.ts";
import { loraFiles, openModels } from "./models.ts";
import { resolveSettings } from "./settings.ts";

function filesOf(prompt: string, ...options: string[]) {
  return loraFiles(parseRenderArguments(["--prompt", prompt, "--out", "x.gif", ...options]));
}

const ink = join("styles", "Ink.safetensors");

it("a LoRA that is chosen and called in the prompt is used once, at the prompt's weight, as in the page", () => {
  const chosen = ["--lora", `${ink}:0.8`, "--lora", "b.safetensors", "--prompt-syntax", "a1111"];
  expect(filesOf("a fish <lora:ink:0.5>", ...chosen)).toEqual([
    { path: "b.safetensors", weight: 1 },
    { path: ink, weight: 0.5 },
  ]);
});

it("one that is only called comes from --lora-dir", () => {
  expect(filesOf("a fish <lora:ink:0.5>", "--lora-dir", "styles", "--prompt-syntax", "a1111")).toEqual([
    { path: join("styles", "ink.safetensors"), weight: 0.5 },
  ]);
});

it("one that is only called may have any ending of a model file", () => {
  const folder = mkdtempSync(join(tmpdir(), "zoetrope-test-"));
  try {
    writeFileSync(join(folder, "ink.ckpt"), "");
    const [file] = filesOf("a fish <lora:ink:0.5>", "--lora-dir", folder, "--prompt-syntax", "a1111");
    expect(file).toEqual({ path: join(folder, "ink.ckpt"), weight: 0.5 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("a plain prompt calls nothing", () => {
  expect(filesOf("a fish <lora:ink:0.5>", "--lora", ink)).toEqual([{ path: ink, weight: 1 }]);
});

it("--speed fast draws Mini with its LoRA for few steps", async () => {
  const args = parseRenderArguments(["--prompt", "x", "--out", "x.gif", "--speed", "fast"]);
  expect(loraFiles(args)).toMatchObject([{ path: expect.stringMatching(/lcm\.safetensors$/), weight: 1 }]);
  const { models } = await openModels(args);
  expect(resolveSettings(args, models)).toMatchObject({ steps: 6, cfgScale: 1, sampler: "lcm", stepCache: 1 });
});
