import { expect, it } from "vitest";
import { withCalledLoras } from "./called-loras.ts";
import type { FileRef } from "./job.ts";
import { jobHash } from "./job-hash.ts";
import { type JobJson, parseJob } from "./parse-job.ts";

/** "styles/ink.safetensors" and "ink.safetensors" hold the same. */
const contents = async (ref: FileRef) => ("id" in ref ? ref.id : ref.path.replace(/^.*\//, ""));
const hash = (json: JobJson) => jobHash(parseJob(json), contents);

it("the order of keys, the job's name and the places of its files do not change its hash", async () => {
  const asked = await hash({ prompt: "a fish", seed: 7, loras: [{ path: "ink.safetensors", weight: 0.5 }] });
  expect(asked).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash({ loras: [{ weight: 0.5, path: "styles/ink.safetensors" }], seed: 7, prompt: "a fish", name: "intro" })).toBe(
    asked,
  );
});

it.each([
  [{ seed: 8 }],
  [{ steps: 25 }],
  [{ motion: "none" }],
  [{ loras: [{ path: "ink.safetensors", weight: 0.6 }] }],
  [{ loras: [{ path: "oil.safetensors", weight: 0.5 }] }],
  [{ motionLoras: [{ path: "ink.safetensors", weight: 0.5 }], loras: [] }],
  [{ initVideo: "a.gif" }],
  [{ decode: "tiles" }],
  [{ upscale: "larger.onnx" }],
  [{ interpolate: 2 }],
])("%j makes another clip", async (change) => {
  const job = { prompt: "a fish", seed: 7, loras: [{ path: "ink.safetensors", weight: 0.5 }] };
  expect(await hash({ ...job, ...change })).not.toBe(await hash(job));
});

it("one picture for each frame is what a job says that does not speak of it", async () => {
  expect(await hash({ prompt: "a fish", interpolate: 1 })).toBe(await hash({ prompt: "a fish" }));
});

it("a LoRA that a prompt calls is a file of the job; one that is chosen as well stays one", () => {
  const job = parseJob({
    prompt: "a fish <lora:ink:0.5> <lora:oil:0.7>",
    promptSyntax: "a1111",
    loras: [{ path: "ink.safetensors", weight: 1 }],
  });
  const named = (ref: FileRef, name: string) => "path" in ref && ref.path === `${name}.safetensors`;
  const found = withCalledLoras(job, named, (name) => ({ path: `${name}.safetensors` }));
  expect(found.loras).toEqual([
    { path: "ink.safetensors", weight: 1 },
    { path: "oil.safetensors", weight: 0.7 },
  ]);
});

it("of the LoRAs in a wildcard, only the one that the seed chooses is a file of the job", () => {
  const prompt = "a fish {<lora:ink:0.5>|<lora:oil:0.7>}";
  const files = [1, 2, 3, 4, 5, 6].map((seed) => {
    const job = parseJob({ prompt, seed, promptSyntax: "a1111" });
    return withCalledLoras(
      job,
      () => false,
      (name) => ({ path: name }),
    ).loras;
  });
  expect(files.every((loras) => loras.length === 1)).toBe(true);
  expect(new Set(files.map(([lora]) => lora!.weight))).toEqual(new Set([0.5, 0.7]));
});
