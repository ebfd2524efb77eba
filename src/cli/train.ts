/** `zoetrope train`: teaches a LoRA, a motion LoRA, a motion module or a whole UNet, and writes what was learned. */

import { alphasCumprod } from "../core/diffusion/schedule.ts";
import { ZoetropeError } from "../core/errors.ts";
import { AdamW } from "../core/training/adamw.ts";
import type { Parameters } from "../core/training/parameters.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import { openTensors } from "../models/tensors.ts";
import type { Checkpoint, MotionModule } from "../models/types.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { fileSource, modelFiles } from "../runtime/node/file-source.ts";
import { type FileTensor, fileTensors, motionLoraName, peftName } from "../runtime/training/file-names.ts";
import { type Fixture, readFixture, startOf } from "../runtime/training/fixture.ts";
import { type LossSettings, ObjectiveSession } from "../runtime/training/objective-session.ts";
import { type Teachable, teachLora, teachMotion, teachMotionLora, teachUnet } from "../runtime/training/teachable.ts";
import { type TrainEvent, train } from "../runtime/training/train.ts";
import { openCheckpoint, openMotion } from "./models.ts";
import { type DumpTensor, writeDump } from "./output.ts";
import type { TrainArguments } from "./train-arguments.ts";

/** Printed by `--json`. */
export interface TrainReport {
  readonly out: string | null;
  readonly steps: number;
  /** Of the last step. */
  readonly loss: number;
}

/** @param log receives progress, one line at a time */
export async function runTraining(args: TrainArguments, signal: AbortSignal, log: (line: string) => void): Promise<TrainReport> {
  const checkpoint = await openCheckpoint(args.checkpoint);
  const motion = args.kind.startsWith("motion") ? await openMotion(args) : null;
  const fixture = await readFixture(await openTensorFile(await fileSource(args.fixture)));
  checkFixture(fixture, args, motion);
  const teachable = await teach(args, checkpoint, motion, fixture);
  const names = await fileTensors(args.kind, teachable.parameters, await checkpointTable(args, checkpoint));
  const backend = await createNodeBackend({ threads: args.threads });
  const dump = new TrainingDump(names);
  let last: TrainEvent | null = null;
  try {
    const loss = lossSettings(args, checkpoint, motion);
    const objective = await ObjectiveSession.open({ ...teachable, norm: args.norm }, fixture.data.shape, loss, {
      backend,
      signal,
    });
    const optimiser = new AdamW(args.optimiser);
    const request = { ...args, parameters: teachable.parameters, data: fixture.data, optimiser, from: 0 };
    for await (const event of train(request, objective, signal)) {
      log(args.json ? progressLine(event) : `step ${event.step + 1} of ${event.steps}, loss ${event.loss.toPrecision(4)}`);
      dump.take(event);
      last = event;
    }
    await objective.release();
  } finally {
    await backend.dispose();
  }
  if (args.dump !== null) await writeDump(dump.tensors(teachable.parameters), args.dump);
  return { out: args.out, steps: last === null ? 0 : last.step + 1, loss: last?.loss ?? Number.NaN };
}

function lossSettings(args: TrainArguments, checkpoint: Checkpoint, motion: MotionModule | null): LossSettings {
  const defaults = { ...checkpoint.defaults, ...(motion === null ? {} : known(motion.defaults)) };
  const schedule = args.schedule ?? defaults.betaSchedule ?? "scaled_linear";
  return {
    prediction: args.prediction ?? defaults.predictionType ?? "epsilon",
    alphaBar: alphasCumprod(schedule, defaults.betaStart ?? undefined, defaults.betaEnd ?? undefined),
    priorWeight: args.priorWeight,
  };
}

function known<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<T>;
}

function checkFixture({ data, steps }: Fixture, args: TrainArguments, motion: MotionModule | null): void {
  const problem =
    steps < args.steps
      ? `holds ${steps} batches; ${args.steps} steps were asked for`
      : motion === null && data.shape.frames !== null
        ? `holds clips; "train ${args.kind}" takes pictures`
        : motion !== null && data.shape.frames === null
          ? `holds pictures; "train ${args.kind}" takes clips`
          : null;
  if (problem === null) return;
  throw new ZoetropeError("training/fixture", { message: `${args.fixture} ${problem}.`, hint: "Choose another fixture." });
}

function teach(args: TrainArguments, { unet }: Checkpoint, motion: MotionModule | null, fixture: Fixture): Promise<Teachable> {
  const models = { unet, motion };
  switch (args.kind) {
    case "lora": {
      const { keys, start } = startOf(fixture, unet.weights, peftName);
      return teachLora(models, keys, { ...args, start });
    }
    case "motion-lora": {
      const { keys, start } = startOf(fixture, motion!.weights, motionLoraName);
      return teachMotionLora(models, keys, { ...args, start });
    }
    case "motion":
      return teachMotion(models);
    case "dreambooth":
      return teachUnet(models);
  }
}

async function checkpointTable({ checkpoint: path, kind }: TrainArguments, { unet: { weights } }: Checkpoint) {
  const whole = kind === "dreambooth" && path !== null;
  return { weights, table: whole ? (await openTensors(await modelFiles(path))).table : new Map() };
}

function progressLine({ step, steps, loss, gradNorm, learningRate }: TrainEvent): string {
  return JSON.stringify({ type: "step", step: step + 1, steps, loss, gradNorm, learningRate });
}

/** Collects the tensors that parity is measured on: losses, norms, the first step's gradients and the final values. */
class TrainingDump {
  readonly #names: ReadonlyMap<string, FileTensor>;
  readonly #loss: number[] = [];
  readonly #gradNorm: number[] = [];
  #first: TrainEvent["gradients"] = new Map();

  constructor(names: ReadonlyMap<string, FileTensor>) {
    this.#names = names;
  }

  take({ step, loss, gradNorm, gradients }: TrainEvent): void {
    if (step === 0) this.#first = gradients;
    this.#loss.push(loss);
    this.#gradNorm.push(gradNorm);
  }

  tensors(parameters: Parameters): DumpTensor[] {
    const row = (name: string, values: readonly number[]) => ({ name, shape: [values.length], data: Float32Array.from(values) });
    const named = (group: string, parameter: string, data: Float32Array) => {
      const { name, shape } = this.#names.get(parameter)!;
      return { name: `${group}.${name}`, shape, data };
    };
    return [
      row("loss", this.#loss),
      row("grad_norm", this.#gradNorm),
      ...[...this.#first].map(([parameter, data]) => named("grad", parameter, data)),
      ...[...parameters].map(([parameter, { data }]) => named("final", parameter, data)),
    ];
  }
}
