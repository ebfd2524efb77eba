import { expect, it } from "vitest";
import type { DroppedFile, FileVerdict } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { inspectFiles } from "./run-import.ts";

const dropped = (path: string, text = ""): DroppedFile => ({
  path,
  file: new File([text], path.slice(path.lastIndexOf("/") + 1)),
});

/** The state of the dialog after files were dropped, with an engine that takes every .safetensors file for a LoRA and names other files only if there is none. */
async function answer(...files: readonly DroppedFile[]) {
  const store = createStudioStore();
  const inspect = async (asked: readonly DroppedFile[]): Promise<FileVerdict[]> => {
    const loras = asked.filter(({ path }) => path.endsWith(".safetensors"));
    const error = { code: "file/not-a-model", message: "It is not a model file.", hint: "" };
    if (loras.length === 0) return asked.map(({ path }) => ({ usable: false, files: [path], error }));
    return loras.map(({ path }) => ({ usable: true, files: [path], kind: "lora", name: path, summary: "", bytes: 1 }));
  };
  await inspectFiles(store, { inspect } as Partial<EngineClient> as EngineClient, files);
  const { imports } = store.getState();
  if (imports.status !== "confirming") throw new Error(`it is ${imports.status}`);
  return imports;
}

it("names the files that are left out next to models", async () => {
  const { findings, leftOut } = await answer(dropped("neon.safetensors"), dropped("notes.txt"), dropped("styles/read.me"));
  expect(findings).toMatchObject([{ usable: true, name: "neon.safetensors" }]);
  expect(leftOut).toEqual(["notes.txt", "styles/read.me"]);
});

it("refuses useless files on their own, without listing them as left out", async () => {
  const { findings, leftOut } = await answer(dropped("notes.txt"), dropped("read.me"));
  expect(findings).toMatchObject([{ usable: false }, { usable: false }]);
  expect(leftOut).toEqual([]);
});

it("a text with settings restores them, and any other text is refused", async () => {
  const text = "a cat\nSteps: 20, Sampler: DDIM, CFG scale: 7, Seed: 3";
  const { findings, leftOut } = await answer(dropped("00001.txt", text), dropped("notes.txt", "buy milk"));
  expect(findings).toMatchObject([
    { usable: false, files: ["notes.txt"] },
    { usable: true, kind: "settings", name: "00001.txt", restored: { settings: { prompt: "a cat", seed: 3 } } },
  ]);
  expect(leftOut).toEqual([]);
});
