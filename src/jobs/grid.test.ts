import { expect, it } from "vitest";
import { expandGrid, parseAxis } from "./grid.ts";

const find = (name: string) => ({ path: `loras/${name}.safetensors` });

it.each([
  ["seed=1..3", "seed", [1, 2, 3]],
  ["cfg=3, 5.5", "cfgScale", [3, 5.5]],
  ["zero-snr=on,off", "zeroSnr", [true, false]],
  ["sampler=ddim,euler", "sampler", ["ddim", "euler"]],
  ["schedule=automatic,linear", "schedule", [null, "linear"]],
  ['prompt=["a fish, blue", "a bird"]', "prompt", ["a fish, blue", "a bird"]],
  ["checkpoint=a.safetensors,b.ckpt", "checkpoint", ["a.safetensors", "b.ckpt"]],
  ["lora:ink=0.4,-1", "lora:ink", [0.4, -1]],
])("%s", (text, key, values) => {
  expect(parseAxis(text)).toEqual({ key, values });
});

it.each([
  ["seed", '--grid takes KEY=a,b,c; it is "seed".'],
  ["stpes=1", '--grid stpes=1: there is no setting "stpes".'],
  ["seed=1,x", '--grid seed takes numbers; "x" is none.'],
  ["seed=9..1", "--grid seed=9..1 is no range."],
  ["prompt=[a]", "--grid prompt=[a] is no JSON list."],
])("%s is refused", (text, message) => {
  expect(() => parseAxis(text)).toThrow(expect.objectContaining({ code: "job/grid", message }));
});

it("all combinations of every job, the first axis slowest, each with its place", () => {
  const jobs = expandGrid([{ prompt: "a" }, { prompt: "b" }], [parseAxis("seed=1,2"), parseAxis("cfg=3,4")], find);
  expect(jobs.map(({ json }) => [json.seed, json.cfgScale, json.prompt])).toEqual([
    [1, 3, "a"],
    [1, 4, "a"],
    [2, 3, "a"],
    [2, 4, "a"],
    [1, 3, "b"],
    [1, 4, "b"],
    [2, 3, "b"],
    [2, 4, "b"],
  ]);
  expect(jobs[1]!.at).toBe("seed=1 cfgScale=4");
  expect(() => expandGrid([{}], [parseAxis("seed=1..1000"), parseAxis("cfg=1..101")], find)).toThrow("These are 101000 clips");
});

it("a LoRA's weights: of a chosen one by its file's name or id, of another by finding it", () => {
  const job = { loras: ["styles/Ink.safetensors", { id: "mini-lora-neon", weight: 1 }], motionLoras: [{ path: "pan.ckpt" }] };
  const weights = (text: string) => expandGrid([job], [parseAxis(text)], find)[0]!.json;
  expect(weights("lora:ink=0.4").loras).toEqual([{ path: "styles/Ink.safetensors", weight: 0.4 }, job.loras[1]]);
  expect(weights("lora:mini-lora-neon=0.4").loras).toEqual([job.loras[0], { id: "mini-lora-neon", weight: 0.4 }]);
  expect(weights("lora:pan=2")).toEqual({ ...job, motionLoras: [{ path: "pan.ckpt", weight: 2 }] });
  expect(weights("lora:oil=0.5").loras).toEqual([...job.loras, { path: "loras/oil.safetensors", weight: 0.5 }]);
});
