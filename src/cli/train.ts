/** `zoetrope train`: teaches a LoRA, a motion LoRA, a motion module or a whole UNet, and writes what was learned. */

import { rm } from "node:fs/promises";
import { parse } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { suitableLearningRate } from "../core/training/suitable-rate.ts";
import { alphaOf, type TrainingSettings } from "../core/training/training-settings.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import { toRgba } from "../media/pixels.ts";
import { settingsText } from "../media/settings-text.ts";
import { MINI_SETTINGS } from "../models/mini.ts";
import { parameterCount } from "../models/parameter-count.ts";
import { composeModels } from "../runtime/compose/compose.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { Engine } from "../runtime/engine/engine.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { fileSource } from "../runtime/node/file-source.ts";
import type { Examples } from "../runtime/training/examples.ts";
import { fileTensors, motionLoraName, peftName } from "../runtime/training/file-names.ts";
import { type Fixture, readFixture, startOf } from "../runtime/training/fixture.ts";
import { type LoraInfo, learnedFile, type TunedClipInfo, tunedClipFile } from "../runtime/training/learned-file.ts";
import {
  framesOf,
  type Lesson,
  lossWeighting,
  type TeachEvent,
  type TeachTools,
  teach,
  teachWith,
  trainingSide,
} from "../runtime/training/teach.ts";
import { type Teachable, teachLora, teachMotion, teachMotionLora, teachUnet } from "../runtime/training/teachable.ts";
import { decodeState, encodeState } from "../runtime/training/training-state.ts";
import { classPictures } from "./class-pictures.ts";
import { checkpointFiles, openCheckpoint, openMotion, openTokenizer } from "./models.ts";
import { writeClip, writeDump, writeOut } from "./output.ts";
import { resolveSettings } from "./settings.ts";
import type { ExampleSource, FixtureSource, TrainArguments } from "./train-arguments.ts";
import { TrainingDump } from "./training-dump.ts";
import { readExamples } from "./training-examples.ts";
import { checkWholeOut, openWhole, type WholeCheckpoint, writeWhole } from "./whole-checkpoint.ts";

/** Printed by `--json`. */
export interface TrainReport {
  readonly out: string | null;
  /** The state to go on from with --resume; null when all steps were made. */
  readonly resume: string | null;
  readonly steps: number;
  /** Of the last step; null when none was made. */
  readonly loss: number | null;
}

/**
 * An aborted signal ends the training after the step under way: what was learned is written, and the state to go on from.
 * @param log receives progress, one line at a time
 */
export async function runTraining(given: TrainArguments, signal: AbortSignal, log: (line: string) => void): Promise<TrainReport> {
  const models = await openTrainedModels(given);
  const args = given.learningRateGiven ? given : { ...given, settings: withSuitableRate(given, models) };
  const backend = await createNodeBackend({ threads: args.threads });
  try {
    const tools = { engine: new Engine(backend, 0), tokenizer: await openTokenizer(), signal };
    return await runLesson(args, models, tools, log);
  } finally {
    await backend.dispose();
  }
}

function withSuitableRate({ kind, settings }: TrainArguments, { unet }: ModelSet): TrainingSettings {
  return { ...settings, learningRate: suitableLearningRate(kind, parameterCount(unet.weights)) };
}

async function openTrainedModels(args: TrainArguments): Promise<ModelSet> {
  const checkpoint = await openCheckpoint(args.checkpoint);
  const motion = args.kind.startsWith("motion") ? await openMotion(args) : null;
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  const { models } = composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys });
  return args.checkpoint === null ? { ...models, defaults: { ...models.defaults, ...MINI_SETTINGS } } : models;
}

async function runLesson(
  args: TrainArguments,
  models: ModelSet,
  tools: TeachTools,
  log: (line: string) => void,
): Promise<TrainReport> {
  const { source, settings, kind } = args;
  const say: Say = (phase, done, total) =>
    log(args.json ? JSON.stringify({ type: "progress", phase, done, total }) : `${phase} ${done} of ${total}`);
  const state = args.resume === null ? null : await decodeState(await openTensorFile(await fileSource(args.resume)));
  const whole = kind === "unet" ? await openWhole(await checkpointFiles(args.checkpoint)) : null;
  if (whole !== null && args.out !== null) checkWholeOut(whole, args.out);
  const lesson = { kind, models, settings, state, memoryBytes: args.memoryBytes ?? process.availableMemory() };
  const examples = source.type === "examples" ? await openExamples(args, source, models, tools, say) : null;
  const sample = source.type === "examples" ? sampleOf(source, examples!, models, settings) : null;
  const events =
    source.type === "fixture"
      ? teachWith({ ...lesson, sample: null, ...(await fixtureLesson(args, source, models)) }, tools)
      : teach({ ...lesson, sample, examples: examples! }, tools);
  const dump = args.dump === null ? null : new TrainingDump();
  let loss: number | null = null;
  for await (const event of events) {
    switch (event.type) {
      case "progress":
        if (event.phase !== "convert") say(event.phase, event.done, event.total);
        break;
      case "step":
        log(args.json ? stepLine(event) : `step ${event.step + 1} of ${event.steps}, loss ${event.loss.toPrecision(4)}`);
        dump?.take(event);
        ({ loss } = event);
        break;
      case "sample": {
        const out = await writeSample(args, sample!.settings, event);
        log(args.json ? JSON.stringify({ type: "sample", step: event.steps, out }) : `sample ${out}`);
        break;
      }
      case "taught":
        return finish(args, models, whole, event, { examples, dump, loss });
    }
  }
  throw new TypeError("a training ends with what it taught");
}

type Say = (phase: string, done: number, total: number) => void;

async function openExamples(
  { out, settings }: TrainArguments,
  { folder, ofClass }: ExampleSource,
  models: ModelSet,
  tools: TeachTools,
  say: Say,
): Promise<Examples> {
  const side = trainingSide(settings, models);
  const examples = await readExamples(folder, side);
  if (ofClass === null || examples.type === "clips") return examples;
  const drawn = { ...renderSettings(models, side), prompt: ofClass.prompt };
  const kept = ofClass.folder ?? `${withoutEnding(out ?? "training")}-class`;
  const count = Math.max(ofClass.count, settings.batch);
  return { ...examples, classPictures: await classPictures(kept, count, models, drawn, tools, say) };
}

/** As a render of the training's size without other settings has them: single pictures, unless the model moves. */
function renderSettings(models: ModelSet, trainingSide: number): RenderSettings {
  const side = Math.max(64, Math.ceil(trainingSide / 8) * 8);
  return resolveSettings({ settings: { width: side, height: side }, speed: null }, models);
}

function sampleOf({ sample }: ExampleSource, examples: Examples, models: ModelSet, settings: TrainingSettings): Lesson["sample"] {
  const side = trainingSide(settings, models);
  if (sample === null) return null;
  const [first] = examples.type === "clips" ? examples.clips : examples.pictures;
  const frames = examples.type === "clips" && models.motion === null ? { frames: framesOf(settings, models) } : {};
  const drawn = { ...renderSettings(models, side), ...frames, prompt: sample.prompt ?? first!.caption };
  return { every: sample.every, settings: drawn };
}

/** @returns the file's path */
async function writeSample(
  { out }: TrainArguments,
  settings: RenderSettings,
  { steps, frames }: Extract<TeachEvent, { type: "sample" }>,
): Promise<string> {
  const format = frames.length === 1 ? "png" : "gif";
  const path = `${withoutEnding(out ?? "training")}-${String(steps).padStart(6, "0")}.${format}`;
  const text = settingsText(settings, { checkpoint: "training", motion: null, loras: [] });
  await writeClip({ ...settings, frames: frames.map(toRgba), settings: text }, path, format);
  return path;
}

function withoutEnding(path: string): string {
  return path.replace(/\.safetensors$|\/+$/i, "");
}

async function finish(
  args: TrainArguments,
  models: ModelSet,
  whole: WholeCheckpoint | null,
  { steps, teachable: { parameters }, state, inverted }: Extract<TeachEvent, { type: "taught" }>,
  { examples, dump, loss }: { examples: Examples | null; dump: TrainingDump | null; loss: number | null },
): Promise<TrainReport> {
  const { kind, settings } = args;
  const named = () => fileTensors(kind, parameters, { weights: models.unet.weights, table: whole?.table ?? new Map() });
  if (dump !== null) await writeDump(dump.tensors(parameters, await named()), args.dump!);
  if (args.out === null) return { out: null, resume: null, steps, loss };
  if (kind === "unet") await writeWhole(whole!, args.out, parameters, await named());
  else if (kind === "tune-a-video") await writeOut(args.out, tunedClipFile(parameters, inverted, clipInfo(models, examples)));
  else await writeOut(args.out, learnedFile(kind, parameters, settings, models, loraInfo(args, models, examples, steps)));
  const resume = `${withoutEnding(args.out)}.resume.safetensors`;
  if (steps === settings.steps) await rm(resume, { force: true });
  else await writeOut(resume, encodeState(state));
  return { out: args.out, resume: steps === settings.steps ? null : resume, steps, loss };
}

function clipInfo({ name, unet }: ModelSet, examples: Examples | null): TunedClipInfo {
  const caption = examples?.type === "clips" ? examples.clips[0]!.caption : "";
  return { modelName: name, levels: unet.config.blockOutChannels, caption, thumbnail: null };
}

async function fixtureLesson(args: TrainArguments, { path, priorWeight }: FixtureSource, models: ModelSet) {
  const { settings, kind } = args;
  const fixture = await readFixture(await openTensorFile(await fileSource(path)));
  const clips = fixture.shape.frames !== null;
  const refuse = (problem: string) => {
    throw new ZoetropeError("training/fixture", { message: `${path} ${problem}.`, hint: "Choose another fixture." });
  };
  if (fixture.steps < settings.steps) refuse(`holds ${fixture.steps} batches; ${settings.steps} steps were asked for`);
  if (clips !== (models.motion !== null)) refuse(`holds ${clips ? "clips" : "pictures"}, which "train ${kind}" does not take`);
  const teachable = await fixtureTeachable(args, fixture, models);
  return { teachable, data: fixture.data, loss: lossWeighting(settings, models, priorWeight) };
}

async function fixtureTeachable({ kind, settings }: TrainArguments, fixture: Fixture, models: ModelSet): Promise<Teachable> {
  const lowRank = { rank: settings.rank, alpha: alphaOf(settings) };
  switch (kind) {
    case "lora": {
      const { keys, start } = startOf(fixture, models.unet.weights, peftName);
      return teachLora(models, keys, { ...lowRank, start });
    }
    case "motion-lora": {
      const { keys, start } = startOf(fixture, models.motion!.weights, motionLoraName);
      return teachMotionLora(models, keys, { ...lowRank, start });
    }
    case "motion":
      return teachMotion(models);
    case "unet":
      return teachUnet(models);
    case "tune-a-video":
      throw new TypeError("the parser refuses fixtures of a clip");
  }
}

function loraInfo(
  { out, settings, source }: TrainArguments,
  models: ModelSet,
  examples: Examples | null,
  steps: number,
): LoraInfo {
  return {
    title: parse(out ?? "").name,
    modelName: models.name,
    steps,
    learningRate: settings.learningRate,
    seed: settings.seed,
    trigger: source.type === "examples" ? source.folder.trigger : null,
    captions: examples?.type === "pictures" ? examples.pictures.map(({ caption }) => caption) : [],
    thumbnail: null,
  };
}

function stepLine({ step, steps, loss, gradNorm, learningRate }: Extract<TeachEvent, { type: "step" }>): string {
  return JSON.stringify({ type: "step", step: step + 1, steps, loss, gradNorm, learningRate });
}
