/** `zoetrope train`: teaches a LoRA, a motion LoRA, a motion module or a whole UNet, and writes what was learned. */

import { rm } from "node:fs/promises";
import { parse } from "node:path";
import { alphasCumprod } from "../core/diffusion/schedule.ts";
import { ZoetropeError } from "../core/errors.ts";
import { AdamW } from "../core/training/adamw.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import { MINI_SETTINGS } from "../models/mini.ts";
import { openTensors, type TensorTable } from "../models/tensors.ts";
import { composeModels } from "../runtime/compose/compose.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { Backend } from "../runtime/engine/backend.ts";
import { Engine } from "../runtime/engine/engine.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { fileSource, modelFiles } from "../runtime/node/file-source.ts";
import { fileTensors, motionLoraName, peftName } from "../runtime/training/file-names.ts";
import { readFixture, startOf } from "../runtime/training/fixture.ts";
import { checkpointFile, loraFile, motionFile, motionLoraFile } from "../runtime/training/learned-file.ts";
import { freshStart, loraLayers } from "../runtime/training/lora-targets.ts";
import { type LossSettings, ObjectiveSession } from "../runtime/training/objective-session.ts";
import { pictureData } from "../runtime/training/picture-data.ts";
import { type Teachable, teachLora, teachMotion, teachMotionLora, teachUnet } from "../runtime/training/teachable.ts";
import { type TrainEvent, train } from "../runtime/training/train.ts";
import type { TrainingData } from "../runtime/training/training-data.ts";
import { readState, stateFile } from "../runtime/training/training-state.ts";
import { openCheckpoint, openMotion, openTokenizer } from "./models.ts";
import { writeDump, writeOut } from "./output.ts";
import type { FixtureSource, PictureSource, TrainArguments } from "./train-arguments.ts";
import { TrainingDump } from "./training-dump.ts";
import { readTrainingPictures } from "./training-pictures.ts";

/** Printed by `--json`. */
export interface TrainReport {
  readonly out: string | null;
  /** The state to go on from with --resume; null when all steps were made. */
  readonly resume: string | null;
  readonly steps: number;
  /** Of the last step; null when none was made. */
  readonly loss: number | null;
}

/** A training prepared: what learns, and from what. */
interface Lesson {
  readonly teachable: Teachable;
  readonly data: TrainingData;
  readonly captions: readonly string[];
}

/**
 * An aborted signal ends the training after the step under way: what was learned is written, and the state to go on from.
 * @param log receives progress, one line at a time
 */
export async function runTraining(args: TrainArguments, signal: AbortSignal, log: (line: string) => void): Promise<TrainReport> {
  const models = await openTrainedModels(args);
  const table = args.kind === "dreambooth" && args.checkpoint !== null ? await tensorTable(args.checkpoint) : new Map();
  const backend = await createNodeBackend({ threads: args.threads });
  try {
    const { source } = args;
    const lesson =
      source.type === "fixture"
        ? await fixtureLesson(args, source, models)
        : await pictureLesson(args, source, models, backend, signal);
    return await teach(args, lesson, models, table, { backend, signal, log });
  } finally {
    await backend.dispose();
  }
}

async function openTrainedModels(args: TrainArguments): Promise<ModelSet> {
  const checkpoint = await openCheckpoint(args.checkpoint);
  const motion = args.kind.startsWith("motion") ? await openMotion(args) : null;
  const keys = { unet: "unet", text: "text", vae: "vae", motion: "motion" };
  return composeModels({ checkpoint, motion, vae: null, loras: [], controls: [], preview: null, keys }).models;
}

async function tensorTable(path: string): Promise<TensorTable> {
  return (await openTensors(await modelFiles(path))).table;
}

async function fixtureLesson(args: TrainArguments, { path }: FixtureSource, models: ModelSet): Promise<Lesson> {
  const fixture = await readFixture(await openTensorFile(await fileSource(path)));
  const clips = fixture.data.shape.frames !== null;
  const refuse = (problem: string) => {
    throw new ZoetropeError("training/fixture", { message: `${path} ${problem}.`, hint: "Choose another fixture." });
  };
  if (fixture.steps < args.steps) refuse(`holds ${fixture.steps} batches; ${args.steps} steps were asked for`);
  if (clips !== (models.motion !== null))
    refuse(`holds ${clips ? "clips" : "pictures"}, which "train ${args.kind}" does not take`);
  const teachable = async () => {
    switch (args.kind) {
      case "lora": {
        const { keys, start } = startOf(fixture, models.unet.weights, peftName);
        return teachLora(models, keys, { ...args, start });
      }
      case "motion-lora": {
        const { keys, start } = startOf(fixture, models.motion!.weights, motionLoraName);
        return teachMotionLora(models, keys, { ...args, start });
      }
      case "motion":
        return teachMotion(models);
      case "dreambooth":
        return teachUnet(models);
    }
  };
  return { teachable: await teachable(), data: fixture.data, captions: [] };
}

async function pictureLesson(
  args: TrainArguments,
  source: PictureSource,
  models: ModelSet,
  backend: Backend,
  signal: AbortSignal,
): Promise<Lesson> {
  const own = args.checkpoint === null ? MINI_SETTINGS.width : models.defaults.width;
  const side = source.resolution ?? own ?? models.family.defaultSize.width;
  if (side % models.family.vaeFactor !== 0) {
    throw new ZoetropeError("arguments/resolution", {
      message: `--resolution takes a multiple of ${models.family.vaeFactor} for this model; it is ${side}.`,
      hint: "zoetrope --help lists the options.",
    });
  }
  const pictures = await readTrainingPictures(source, side);
  const engine = new Engine(backend, 0);
  const tokenizer = await openTokenizer();
  const data = await pictureData(pictures, { ...source, side }, models, { engine, tokenizer, signal });
  const start = freshStart(source.seed, args.rank);
  const teachable =
    args.kind === "lora"
      ? await teachLora(models, loraLayers(models.unet.weights, source.targets), { ...args, start })
      : await teachUnet(models);
  return { teachable, data, captions: pictures.map(({ caption }) => caption) };
}

async function teach(
  args: TrainArguments,
  { teachable, data, captions }: Lesson,
  models: ModelSet,
  table: TensorTable,
  { backend, signal, log }: { readonly backend: Backend; readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<TrainReport> {
  const { parameters } = teachable;
  const names = await fileTensors(args.kind, parameters, { weights: models.unet.weights, table });
  const settings = resumeSettings(args, data);
  const earlier =
    args.resume === null ? null : await readState(await openTensorFile(await fileSource(args.resume)), parameters, settings);
  const optimiser = new AdamW(args.optimiser, earlier);
  const objective = await ObjectiveSession.open({ ...teachable, norm: args.norm }, data.shape, lossSettings(args, models), {
    backend,
    signal,
  });
  const dump = new TrainingDump(names);
  let steps = earlier?.steps ?? 0;
  let loss: number | null = null;
  try {
    for await (const event of train({ ...args, parameters, data, optimiser, from: steps }, objective, signal)) {
      log(args.json ? progressLine(event) : `step ${event.step + 1} of ${event.steps}, loss ${event.loss.toPrecision(4)}`);
      dump.take(event);
      ({ loss } = event);
      steps = event.step + 1;
    }
  } finally {
    await objective.release();
  }

  const learned = { parameters, rank: args.rank, alpha: args.alpha, linearProjection: models.unet.config.linearProjection };
  const file = async () => {
    switch (args.kind) {
      case "lora":
        return loraFile(learned, { ...loraInfo(args), modelName: models.name, captions, steps });
      case "motion-lora":
        return motionLoraFile(learned);
      case "motion":
        return motionFile(parameters, models.motion!.config);
      case "dreambooth":
        return checkpointFile(parameters, names, table);
    }
  };
  if (args.dump !== null) await writeDump(dump.tensors(parameters), args.dump);
  if (args.out === null) return { out: null, resume: null, steps, loss };
  await writeOut(args.out, await file());
  const resume = `${args.out.replace(/\.safetensors$/i, "")}.resume.safetensors`;
  if (steps === args.steps) await rm(resume, { force: true });
  else await writeOut(resume, stateFile(parameters, { steps, moments: optimiser.moments }, settings));
  return { out: args.out, resume: steps === args.steps ? null : resume, steps, loss };
}

function loraInfo({ out, learningRate, source }: TrainArguments) {
  const pictures = source.type === "pictures" ? source : null;
  const title = parse(out ?? "").name;
  return { title, learningRate: learningRate.peak, seed: pictures?.seed ?? 0, trigger: pictures?.trigger ?? null };
}

/** What must be the same when a training goes on. */
function resumeSettings(args: TrainArguments, { shape }: TrainingData): Record<string, string> {
  const pictures = args.source.type === "pictures" ? args.source : null;
  return {
    kind: args.kind,
    rank: String(args.rank),
    alpha: String(args.alpha),
    seed: String(pictures?.seed ?? 0),
    batch: String(shape.batch),
    size: `${shape.width}×${shape.height}`,
  };
}

function lossSettings({ prediction, schedule, priorWeight }: TrainArguments, { defaults }: ModelSet): LossSettings {
  const { betaSchedule, betaStart, betaEnd, predictionType } = defaults;
  return {
    prediction: prediction ?? predictionType ?? "epsilon",
    alphaBar: alphasCumprod(schedule ?? betaSchedule ?? "scaled_linear", betaStart ?? undefined, betaEnd ?? undefined),
    priorWeight,
  };
}

function progressLine({ step, steps, loss, gradNorm, learningRate }: TrainEvent): string {
  return JSON.stringify({ type: "step", step: step + 1, steps, loss, gradNorm, learningRate });
}
