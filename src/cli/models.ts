/** Opens the models that the arguments name, or Mini when they name none. */

import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { calledLoras, sameLora, unreadStrength, withCalled } from "../core/prompt/called-loras.ts";
import { type ClipTokenizer, createClipTokenizer } from "../core/prompt/tokenizer.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import { gunzip } from "../formats/gzip.ts";
import { loadCheckpoint, loadVae } from "../models/checkpoint.ts";
import { loadControlNet, loadSparseCtrl } from "../models/control/load.ts";
import { loadEmbedding } from "../models/embedding.ts";
import { describeSampling } from "../models/few-steps.ts";
import type { ModelFile } from "../models/files.ts";
import { loadLora } from "../models/lora/load.ts";
import {
  MINI_CHECKPOINT_FILES,
  MINI_CONTEXT_LENGTH,
  MINI_MOTION_FILES,
  MINI_PREVIEW_FILE,
  MINI_SETTINGS,
  openMini,
} from "../models/mini.ts";
import type { PreviewMap } from "../models/model-family.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import type { Checkpoint, FewSteps, MotionModule, SamplingDefaults } from "../models/types.ts";
import { composeModels, type LoraChoice } from "../runtime/compose/compose.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import type { ControlPart } from "../runtime/engine/part.ts";
import { modelFiles } from "../runtime/node/file-source.ts";
import type { RenderArguments } from "./arguments.ts";
import type { LoraFile } from "./values.ts";

export interface OpenedModels {
  readonly models: ModelSet;
  /** Sentences for the person, such as how many of a LoRA's layers were used. */
  readonly notices: readonly string[];
  readonly names: {
    readonly checkpoint: string;
    readonly motion: string | null;
    readonly loras: readonly { name: string; weight: number }[];
  };
}

export async function openModels(args: RenderArguments): Promise<OpenedModels> {
  const mini = args.checkpoint === null;
  const checkpoint = await openCheckpoint(args.checkpoint);
  const motion = await openMotion(args);
  const vae = args.vae === null ? null : await loadVae(await modelFiles(args.vae));
  const loras = await Promise.all(loraFiles(args).map(openLora));
  const controls = await openControlModels(args);
  const embeddings = await Promise.all(args.embeddings.map(async (path) => loadEmbedding(await modelFiles(path))));
  const preview = mini ? (JSON.parse(new TextDecoder().decode(await readMini(MINI_PREVIEW_FILE))) as PreviewMap) : null;
  const composed = composeModels({
    checkpoint,
    motion,
    vae,
    loras,
    preview,
    controls,
    embeddings,
    loraForm: args.loraForm,
    keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
  });
  const { models } = composed;
  return {
    notices: [...composed.notices, ...fewStepsNotices(motion, loras), ...unreadCalls(args)],
    models: mini ? { ...models, defaults: { ...models.defaults, ...miniDefaults(motion !== null) } } : models,
    names: {
      checkpoint: checkpoint.name,
      motion: motion?.name ?? null,
      loras: loras.map(({ lora, weight }) => ({ name: lora.name, weight })),
    },
  };
}

/** @param path null: Mini */
export async function openCheckpoint(path: string | null): Promise<Checkpoint> {
  return loadCheckpoint(await checkpointFiles(path));
}

/** @param path null: Mini */
export async function checkpointFiles(path: string | null): Promise<ModelFile[]> {
  return path === null ? openMini(MINI_CHECKPOINT_FILES, readMini) : modelFiles(path);
}

/** The motion module that is named; Mini's with Mini, where none is. */
export async function openMotion({
  checkpoint,
  motion,
}: Pick<RenderArguments, "checkpoint" | "motion">): Promise<MotionModule | null> {
  if (motion === "none" || (motion === null && checkpoint !== null)) return null;
  return loadMotionModule(motion === null ? await openMini(MINI_MOTION_FILES, readMini) : await modelFiles(motion));
}

function miniDefaults(moving: boolean): Partial<SamplingDefaults> {
  return { ...MINI_SETTINGS, frames: moving ? MINI_SETTINGS.frames : 1, contextLength: MINI_CONTEXT_LENGTH };
}

async function openControlModels({ controlNets, sparseCtrl }: RenderArguments): Promise<ControlPart[]> {
  const nets = controlNets.map(async ({ path }, i): Promise<ControlPart> => {
    const { config, weights } = await loadControlNet(await modelFiles(path));
    return { key: `controlnet${i}`, condition: "pixels", unet: config.unet, motion: null, weights };
  });
  if (sparseCtrl === null) return Promise.all(nets);
  const { config, weights } = await loadSparseCtrl(await modelFiles(sparseCtrl.path));
  const { condition, unet, motion } = config;
  return [...(await Promise.all(nets)), { key: "sparsectrl", condition, unet, motion, weights }];
}

async function openLora({ path, ...strength }: LoraFile, index: number): Promise<LoraChoice> {
  return { ...strength, id: `lora${index}`, lora: await loadLora(await loraModelFiles(path)) };
}

/** PEFT keeps alpha in a file beside `adapter_model.safetensors`, which belongs to it even if only the weights are named. */
async function loraModelFiles(path: string): Promise<ModelFile[]> {
  const files = await modelFiles(path);
  if (!/^adapter_model$/i.test(parse(path).name)) return files;
  const config = join(dirname(path), "adapter_config.json");
  const there = await stat(config).catch(() => null);
  return there?.isFile() ? [...files, ...(await modelFiles(config))] : files;
}

/** Says which settings come with a model for few steps, and where its name leaves their number open. */
function fewStepsNotices(motion: MotionModule | null, loras: readonly LoraChoice[]): string[] {
  const told = (name: string, few: FewSteps) => {
    const guess = few.guessed
      ? ` Its name does not say for how many steps it was made; give --steps if not ${few.sampling.steps}.`
      : "";
    return `${name} is ${few.family}, made for few steps: ${describeSampling(few)}, unless the command says otherwise.${guess}`;
  };
  const named = loras.flatMap(({ lora, weight }) =>
    lora.fewSteps === null || weight === 0 ? [] : told(lora.name, lora.fewSteps),
  );
  return motion === null || motion.fewSteps === null ? named : [told(motion.name, motion.fewSteps), ...named];
}

function unreadCalls({ settings }: RenderArguments): string[] {
  const calls = calledLoras({ ...defaultSettings(), ...settings });
  return calls.flatMap(({ name, unread = [] }) => unread.map((part) => unreadStrength(name, part)));
}

/** The chosen LoRAs and those that the prompts call. A call names one of the chosen files, else a file in `loraDir`. */
export function loraFiles(args: RenderArguments): LoraFile[] {
  const chosen = [...args.loras, ...args.motionLoras];
  const called = calledLoras({ ...defaultSettings(), ...args.settings }).map(({ name, unread: _, ...strength }) => {
    const file = chosen.find(({ path }) => sameLora(parse(path).name, name));
    return { path: file?.path ?? fileInFolder(args.loraDir, name), ...strength };
  });
  return withCalled(chosen, called, ({ path }) => path);
}

/** The first ending under which the folder has the file; ".safetensors" where it has none, so that the error names a file to look for. */
function fileInFolder(folder: string, name: string): string {
  const paths = [".safetensors", ".ckpt", ".pt", ".pth", ".bin"].map((ending) => join(folder, name + ending));
  return paths.find(existsSync) ?? paths[0]!;
}

export async function openTokenizer(): Promise<ClipTokenizer> {
  const file = "bpe_simple_vocab_16e6.txt.gz";
  return createClipTokenizer(new TextDecoder().decode(await gunzip(await readPublic(`tokenizer/${file}`), file)));
}

function readMini(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return readPublic(`models/mini/${path}`);
}

async function readPublic(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(fileURLToPath(new URL(`../../public/${path}`, import.meta.url))));
}
