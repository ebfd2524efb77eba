import { expect, it } from "vitest";
import type { DroppedFile, FileVerdict } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { inspectFiles } from "./run-import.ts";

const dropped = (path: string, text = ""): DroppedFile => ({
  path,
  file: new File([text], path.slice(path.lastIndexOf("/") + 1)),
});

/** What the dialog is told; the engine finds a LoRA in every .safetensors file, and names nothing else where it has found one. */
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

it("files of no use among models are told by their names", async () => {
  const { findings, leftOut } = await answer(dropped("neon.safetensors"), dropped("notes.txt"), dropped("styles/read.me"));
  expect(findings).toMatchObject([{ usable: true, name: "neon.safetensors" }]);
  expect(leftOut).toEqual(["notes.txt", "styles/read.me"]);
});

it("alone they are refused, which says it already", async () => {
  const { findings, leftOut } = await answer(dropped("notes.txt"), dropped("read.me"));
  expect(findings).toMatchObject([{ usable: false }, { usable: false }]);
  expect(leftOut).toEqual([]);
});

it("a text with settings brings them back, and another is refused as before", async () => {
  const text = "a cat\nSteps: 20, Sampler: DDIM, CFG scale: 7, Seed: 3";
  const { findings, leftOut } = await answer(dropped("00001.txt", text), dropped("notes.txt", "buy milk"));
  expect(findings).toMatchObject([
    { usable: false, files: ["notes.txt"] },
    { usable: true, kind: "settings", name: "00001.txt", restored: { settings: { prompt: "a cat", seed: 3 } } },
  ]);
  expect(leftOut).toEqual([]);
});
