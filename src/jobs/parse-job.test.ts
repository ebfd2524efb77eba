import { expect, it } from "vitest";
import type { FileRef } from "./job.ts";
import { mapFiles, modelsOf } from "./job.ts";
import { parseJob, parseJobLines, writeJob } from "./parse-job.ts";

const everything = {
  ...{
    name: "intro",
    prompt: "a fish",
    negative: "",
    seed: 7,
    cfgScale: 2.5,
    promptAt: [{ frame: 8, text: "a bird", easing: "smooth" }],
  },
  ...{ variation: 0.1, variationSeed: 3, zeroSnr: true, schedule: null },
  ...{ checkpoint: { path: "c.safetensors" }, motion: { path: "mm.ckpt" }, vae: { id: "0a" }, embeddings: [{ path: "e.pt" }] },
  ...{ loras: [{ path: "l.safetensors", weight: 0.5, textWeight: 1, blocks: new Array(26).fill(1) }] },
  ...{ motionLoras: [{ id: "0b", weight: -1 }] },
  controlNets: [
    { path: "n", weight: 0.3, pictures: { path: "p.png" }, preprocessor: "canny", start: 0.1, end: 0.8 },
    { path: "n", weight: 1, pictures: { id: "0e" }, preprocessor: { path: "depth.onnx" } },
  ],
  ...{ sparseCtrl: { path: "s", weight: 1, frames: [{ frame: 0, picture: { path: "q.png" } }] } },
  ...{
    ipAdapter: {
      ...{ path: "ip.bin", weight: 0.6, encoder: { path: "clip" }, pictures: [{ path: "face.png" }] },
      weightAt: [{ frame: 3, weight: 0.2 }],
    },
  },
  heldFrames: [
    { frame: 0, picture: { path: "dawn.png" } },
    { frame: "last", picture: { id: "0d" } },
  ],
  ...{ initVideo: { path: "v.gif" }, strength: 0.4, initLatents: { path: "n.safetensors" } },
  ...{ loraForm: "merged", decode: "tiles", upscale: { path: "larger.onnx" }, interpolate: 2 },
};

it("a job comes back as written, with everything that it can say", () => {
  expect(writeJob(parseJob(everything))).toEqual(everything);
});

it("a ControlNet is shown what a filter draws, or the model of a file", () => {
  const shownAs = (preprocessor: unknown) =>
    parseJob({ prompt: "x", controlNets: [{ path: "n", pictures: "p.png", preprocessor }] }).controlNets[0]!.preprocessor;
  expect(shownAs("flow")).toBe("flow");
  expect(shownAs("maps/depth.onnx")).toEqual({ path: "maps/depth.onnx" });
  expect(shownAs({ id: "0c" })).toEqual({ id: "0c" });
  expect(() => shownAs("depht")).toThrow(/"preprocessor" takes one of none, canny/);
});

it("a prompt alone is Mini with its motion module; another checkpoint stands still", () => {
  expect(writeJob(parseJob({ prompt: "a fish" }))).toEqual({
    prompt: "a fish",
    checkpoint: { id: "mini" },
    motion: { id: "mini-motion" },
  });
  expect(parseJob({ prompt: "a fish", checkpoint: "c.ckpt" })).toMatchObject({ checkpoint: { path: "c.ckpt" }, motion: null });
  expect(parseJob({ prompt: "a fish", motion: "none" }).motion).toBeNull();
});

it("a key may be the name of a setting or its option", () => {
  expect(parseJob({ prompt: "a fish", cfg: 3, "clip-skip": 2 }).settings).toEqual({ prompt: "a fish", cfgScale: 3, clipSkip: 2 });
});

it.each([
  [{}, '"prompt" is missing.'],
  [{ prompt: 3 }, '"prompt" takes a text; it is 3.'],
  [{ prompt: "x", stpes: 3 }, 'there is no setting "stpes".'],
  [{ prompt: "x", constructor: 3 }, 'there is no setting "constructor".'],
  [{ prompt: "x", cfg: 3, cfgScale: 4 }, '"cfg" and "cfgScale" say the same setting.'],
  [{ prompt: "x", steps: "3" }, '"steps" takes a number; it is "3".'],
  [{ prompt: "x", steps: 0 }, "Steps must be a whole number from 1 to 1000; it is 0."],
  [{ prompt: "x", sampler: "magic" }, "Sampler cannot be magic."],
  [{ prompt: "x", variation: 0.1 }, '"variation" and "variationSeed" go together.'],
  [{ prompt: "x", promptAt: [{ frame: -1, text: "y" }] }, '"promptAt" takes a frame\'s number, 0 or more; it is -1.'],
  [{ prompt: "x", promptAt: [{ frame: 1, words: "y" }] }, '"promptAt" has no "words".'],
  [{ prompt: "x", loras: "l" }, '"loras" takes a list; it is "l".'],
  [{ prompt: "x", loras: [{ path: "l", id: "l" }] }, '"loras" needs either a path or an id.'],
  [{ prompt: "x", loras: [{ path: "l", weight: 1e9 }] }, '"loras" takes a weight from -100 to 100; it is 1000000000.'],
  [{ prompt: "x", checkpoint: "" }, '"checkpoint" should be an object; it is "".'],
  [{ prompt: "x", controlNets: [{ path: "n" }] }, '"pictures" should be an object; it is missing.'],
  [{ prompt: "x", sparseCtrl: { path: "s", frames: [] } }, "a SparseCtrl needs at least one picture."],
  [{ prompt: "x", strength: 0.5 }, '"strength" needs an "initVideo".'],
  [{ prompt: "x", initVideo: "v.gif", strength: 0 }, '"strength" takes a number above 0 and at most 1; it is 0.'],
  [{ prompt: "x", interpolate: 3 }, '"interpolate" takes 1, 2 or 4; it is 3.'],
  [{ prompt: "x", upscale: 2 }, '"upscale" should be an object; it is 2.'],
  [{ prompt: "x", decode: "half" }, '"decode" takes one of whole, tiles; it is "half".'],
])("%j is refused in one sentence", (json, message) => {
  expect(() => parseJob(json)).toThrow(expect.objectContaining({ name: "ZoetropeError", message }));
});

it("a list's faults name their line; empty lines and comments are passed over", () => {
  expect(parseJobLines('# two\n{"prompt": "a"}\n\r\n{"prompt": "b"}\r\n').map(({ settings }) => settings.prompt)).toEqual([
    "a",
    "b",
  ]);
  expect(() => parseJobLines('{"prompt": "a"}\n\n{"prompt": "b"')).toThrow("Line 3: this is not JSON.");
  expect(() => parseJobLines('{"prompt": "a"}\n[]')).toThrow("Line 2: a job should be an object; it is [].");
});

it("the seed's noise is asked for by a word, not by a file", async () => {
  const job = parseJob({ prompt: "x", initLatents: "none" });
  expect(job.initLatents).toBe("none");
  expect(parseJob(writeJob(job))).toEqual(job);
  expect((await mapFiles(job, async () => ({ id: "0" }))).initLatents).toBe("none");
});

it("every file of a job can be replaced, and its models are listed", async () => {
  const job = parseJob(everything);
  const ids = await mapFiles(job, async (ref) => ({ id: `stored-${"path" in ref ? ref.path : ref.id}` }));
  const text = JSON.stringify(writeJob(ids));
  expect(text).not.toContain('"path"');
  expect(text.match(/"id":"stored-/g)).toHaveLength(21);
  expect(ids.loras[0]).toEqual({ ...job.loras[0], path: undefined, id: "stored-l.safetensors" });
  const models: readonly FileRef[] = modelsOf(job);
  expect(models).toHaveLength(10);
  expect(models[3]).toEqual({ path: "l.safetensors" });
});
