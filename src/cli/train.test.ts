import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode as encodePng } from "fast-png";
import { afterAll, expect, it } from "vitest";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import { defaultGifEncoding, encodeGif } from "../media/gif/encode-gif.ts";
import { loadLora } from "../models/lora/load.ts";
import { loadTunedClip } from "../models/tuned-clip.ts";
import { fileSource, modelFiles } from "../runtime/node/file-source.ts";
import { kitBytes } from "../runtime/testing/parity-kit.ts";
import { parseRenderArguments } from "./arguments.ts";
import { openCheckpoint } from "./models.ts";
import { render } from "./render.ts";
import { runTraining } from "./train.ts";
import { parseTrainArguments } from "./train-arguments.ts";

const folder = mkdtempSync(join(tmpdir(), "zoetrope-train-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

writeFileSync(at("tiny.safetensors"), kitBytes("models/tiny-sd15.safetensors"));
mkdirSync(at("pictures"));
for (const [i, colour] of [
  [220, 40, 40],
  [40, 220, 40],
  [40, 40, 220],
].entries()) {
  const data = Uint8Array.from({ length: 48 * 40 * 3 }, (_, at) => (Math.floor(at / 3) % 7 < 3 ? colour[at % 3]! : 255));
  writeFileSync(at(`pictures/round_thing-${i}.png`), encodePng({ width: 48, height: 40, data, channels: 3, depth: 8 }));
}

const options = ["--checkpoint", at("tiny.safetensors"), "--pictures", at("pictures"), "--trigger", "sks", "--resolution", "32"];
const train = (out: string, stopAfter: number | null = null, more: readonly string[] = []) => {
  const stop = new AbortController();
  const rates = ["--steps", "2", "--batch", "2", "--rank", "2", "--lr", "0.01", "--seed", "3", "--threads", "1", "--json"];
  const args = parseTrainArguments(["lora", ...options, ...rates, "--out", at(out), ...more]);
  let steps = 0;
  const lines: string[] = [];
  const log = (line: string) => {
    lines.push(line);
    if (line.includes('"step"') && ++steps === stopAfter) stop.abort();
  };
  return runTraining(args, stop.signal, log).then((report) => ({ report, lines }));
};

it("an interrupted training saves what it learned, and goes on to the same weights as one that was not interrupted", async () => {
  const { report: whole, lines } = await train("whole.safetensors");
  expect(whole).toMatchObject({ steps: 2, resume: null });
  const told = lines.map((line) => JSON.parse(line));
  expect(told.slice(0, 3)).toMatchObject([1, 2, 3].map((done) => ({ type: "progress", phase: "encode", done, total: 3 })));
  expect(told.slice(3)).toMatchObject([1, 2].map((step) => ({ type: "step", step, steps: 2 })));

  const { report: half } = await train("half.safetensors", 1);
  expect(half).toMatchObject({ steps: 1, out: at("half.safetensors"), resume: at("half.resume.safetensors") });
  const { report: resumed } = await train("half.safetensors", null, ["--resume", half.resume!]);
  expect(resumed).toEqual({ ...whole, out: at("half.safetensors") });
  expect(existsSync(half.resume!)).toBe(false);

  const [a, b] = await Promise.all(
    ["whole", "half"].map(async (name) => openTensorFile(await fileSource(at(`${name}.safetensors`)))),
  );
  for (const name of a!.tensors.keys()) expect(await b!.readFloat32(name), name).toEqual(await a!.readFloat32(name));
  expect(await loadLora(await modelFiles(at("whole.safetensors")))).toMatchObject({ triggerWords: ["sks"] });
  expect(a!.metadata).toMatchObject({ ss_network_dim: "2", ss_num_train_images: "3" });
  expect(JSON.parse(a!.metadata.ss_tag_frequency!)).toEqual({ pictures: { sks: 3, "round thing": 3 } });

  await expect(train("half.safetensors", null, ["--resume", at("whole.safetensors")])).rejects.toThrow(/no interrupted training/);
}, 180_000);

/** Four colours that move to the right. */
const gif = encodeGif(
  {
    width: 32,
    height: 32,
    frames: [0, 1, 2, 3].map((shift) => {
      return Uint8ClampedArray.from({ length: 32 * 32 * 4 }, (_, i) =>
        ((i >> 2) + 8 * shift) % 32 < 16 ? 255 - 40 * (i % 4) : 60,
      );
    }),
    delaysCs: [10, 10, 10, 10],
    plays: 0,
    comment: "",
  },
  defaultGifEncoding,
);

it("a motion LoRA learns from a folder of clips, captioned by text files", async () => {
  writeFileSync(at("motion.safetensors"), kitBytes("models/motion-v2.safetensors"));
  mkdirSync(at("clips/second"), { recursive: true });
  writeFileSync(at("clips/first.gif"), gif);
  for (let i = 0; i < 4; i++) {
    const data = new Uint8Array(40 * 32 * 3).fill(60 * i);
    writeFileSync(at(`clips/second/${i}.png`), encodePng({ width: 40, height: 32, data, channels: 3, depth: 8 }));
  }
  const clips = ["--checkpoint", at("tiny.safetensors"), "--motion", at("motion.safetensors"), "--clips", at("clips")];
  const run = (...more: string[]) => {
    const small = ["--resolution", "32", "--batch", "1", "--frames", "4", "--rank", "2", "--steps", "2", "--threads", "1"];
    const args = parseTrainArguments(["motion-lora", ...clips, ...small, "--out", at("pan.safetensors"), ...more]);
    return runTraining(args, new AbortController().signal, () => undefined);
  };
  await expect(run("--captions", "txt")).rejects.toThrow(/first\.txt is missing/);
  for (const name of ["first", "second"]) writeFileSync(at(`clips/${name}.txt`), "pan right\n");
  expect(await run("--captions", "txt")).toMatchObject({ steps: 2 });
  expect(await loadLora(await modelFiles(at("pan.safetensors")))).toMatchObject({ kind: "motion-lora" });
  await expect(run("--captions", "pan", "--frame-stride", "2")).rejects.toThrow("A clip has 4 frames; 7 are needed.");
  writeFileSync(at("clips/third.mp4"), "");
  await expect(run("--captions", "pan")).rejects.toThrow(/third\.mp4 could not be read as a picture or video/);
}, 180_000);

it("Tune-A-Video tunes on one clip; a render begins from the clip's noise, or from the seed's", async () => {
  mkdirSync(at("one"), { recursive: true });
  writeFileSync(at("one/ball.gif"), gif);
  const small = [
    "--resolution",
    "64",
    "--frames",
    "2",
    "--steps",
    "1",
    "--batch",
    "1",
    "--inversion-steps",
    "2",
    "--threads",
    "1",
  ];
  const tune = (folder: string) => {
    const args = parseTrainArguments(["tune-a-video", "--clips", at(folder), ...small, "--out", at("tuned.safetensors")]);
    return runTraining(args, new AbortController().signal, () => undefined);
  };
  expect(await tune("one")).toMatchObject({ steps: 1, resume: null });
  const tuned = (await loadTunedClip(await modelFiles(at("tuned.safetensors"))))!;
  expect(tuned.latents?.shape).toEqual([2, 4, 8, 8]);

  const draw = async (...more: string[]) => {
    const dump = at("tuned-dump.safetensors");
    const some = ["--motion", at("tuned.safetensors"), "--prompt", "ball", "--steps", "1", "--threads", "1", "--no-cache"];
    const args = parseRenderArguments([...some, "--out", at("tuned.gif"), "--dump", dump, ...more]);
    const report = await render(args, new AbortController().signal, () => undefined);
    const file = await openTensorFile(await fileSource(dump));
    return { report, start: await file.readFloat32("latents.init") };
  };
  const { report, start } = await draw();
  expect(report.settings).toMatchObject({ frames: 2, width: 64, height: 64, sampler: "ddim" });
  expect(start).toEqual(await tuned.latents!.read());
  expect((await draw("--init-latents", "none")).start).not.toEqual(start);
  await expect(draw("--frames", "3")).rejects.toThrow(
    /tuned clip's noise is for \d frames of 64 × 64; this animation has 3 frames of 64 × 64/,
  );
  await expect(draw("--text2video-zero")).rejects.toThrow(/tuned on a clip has a movement of its own/);
  writeFileSync(at("one/more.gif"), gif);
  await expect(tune("one")).rejects.toThrow("Tune-A-Video learns from one clip; there are 2.");
}, 180_000);

it("DreamBooth draws the class once, keeps it, renders samples on the way, and learns a LoRA", async () => {
  const lines: string[] = [];
  const args = [
    "--class-prompt",
    "a thing",
    "--class-count",
    "1",
    "--sample-every",
    "2",
    "--sample-prompt",
    "sks",
    "--steps",
    "2",
  ];
  const run = () =>
    runTraining(
      parseTrainArguments([
        "dreambooth",
        ...options,
        ...args,
        "--batch",
        "1",
        "--rank",
        "2",
        "--threads",
        "1",
        "--out",
        at("dog.safetensors"),
      ]),
      new AbortController().signal,
      (line) => lines.push(line),
    );
  expect(await run()).toMatchObject({ steps: 2 });
  expect(lines.filter((line) => line.startsWith("class picture"))).toHaveLength(1);
  expect(readdirSync(at("dog-class"))).toEqual(["0000.png"]);
  expect(lines).toContain(`sample ${at("dog-000002.png")}`);
  expect(existsSync(at("dog-000002.png"))).toBe(true);
  expect(await loadLora(await modelFiles(at("dog.safetensors")))).toMatchObject({ kind: "lora" });
  lines.length = 0;
  await run();
  expect(lines.some((line) => line.startsWith("class picture"))).toBe(false);
}, 300_000);

it("DreamBooth trains the whole UNet of Mini into a folder that a render opens", async () => {
  const whole = ["dreambooth", "--whole", "--pictures", at("pictures"), "--resolution", "32", "--batch", "1", "--steps", "1"];
  const run = (out: string) =>
    runTraining(parseTrainArguments([...whole, "--threads", "1", "--out", out]), new AbortController().signal, () => undefined);
  await expect(run(at("whole.safetensors"))).rejects.toThrow(/checkpoint is a folder/);
  expect(await run(at("whole"))).toMatchObject({ steps: 1 });
  const [learned, base] = await Promise.all([openCheckpoint(at("whole")), openCheckpoint(null)]);
  const key = "down_blocks.0.resnets.0.conv1.weight";
  const [a, b] = await Promise.all([learned, base].map(({ unet }) => unet.weights.read(key)));
  expect(a).not.toEqual(b);
  const text = "text_model.final_layer_norm.weight";
  expect(await learned.textEncoder!.weights.read(text)).toEqual(await base.textEncoder!.weights.read(text));
}, 180_000);

it("refuses options that would be ignored, each in one sentence", () => {
  const refusal = (...args: string[]) => {
    try {
      parseTrainArguments(args);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return null;
  };
  const out = ["--out", "x.safetensors"];
  expect(refusal("style", ...out)).toMatch(/takes lora, motion-lora, motion, dreambooth, tune-a-video/);
  expect(refusal("lora", ...out)).toBe("--pictures is missing.");
  expect(refusal("lora", "--pictures", "p")).toBe("--out is missing.");
  expect(refusal("dreambooth", "--pictures", "p", "--whole", "--rank", "4", ...out)).toBe("--rank means nothing beside --whole.");
  expect(refusal("lora", "--pictures", "p", "--whole", ...out)).toBe('--whole means nothing to "train lora".');
  expect(refusal("lora", "--pictures", "p", "--inversion-steps", "9", ...out)).toMatch(/means nothing to "train lora"/);
  expect(refusal("tune-a-video", ...out)).toBe("--clips is missing.");
  expect(refusal("tune-a-video", "--clips", "c", "--rank", "4", ...out)).toBe('--rank means nothing to "train tune-a-video".');
  expect(refusal("lora", "--pictures", "p", "--look-steps", "9", ...out)).toBe('--look-steps means nothing to "train lora".');
  expect(refusal("lora", "--pictures", "p", "--prior-weight", "1", ...out)).toMatch(/nothing without --class-prompt/);
  expect(refusal("motion-lora", ...out)).toBe("--clips is missing.");
  expect(refusal("lora", "--fixture", "f", "--trigger", "sks", ...out)).toBe("--trigger means nothing to a fixture.");
  expect(refusal("motion", "--pictures", "p", ...out)).toBe('--pictures means nothing to "train motion".');
  expect(refusal("lora", "--pictures", "p", "--betas", "0.9", ...out)).toMatch(/two numbers/);
  expect(refusal("lora", "--pictures", "p", "--steps", "0", ...out)).toMatch(/whole number from 1/);
  expect(refusal("lora", "--pictures", "p", "--precision", "q8", ...out)).toMatch(/takes fp32/);
});
