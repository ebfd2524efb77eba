/** Opens the models that the arguments name, or Mini when they name none. */

import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { calledLoras, sameLora, unreadStrength, withCalled } from "../core/prompt/called-loras.ts";
import { type ClipTokenizer, createClipTokenizer } from "../core/prompt/tokenizer.ts";
import { defaultSettings } from "../core/settings/render-settings.ts";
import { gunzip } from "../formats/gzip.ts";
import { loadCheckpoint, loadVae } from "../models/checkpoint.ts";
import { loadControlNet, loadSparseCtrl } from "../models/control/load.ts";
import { isT2iAdapter, loadT2iAdapter } from "../models/control/t2i-adapter.ts";
import { loadEmbedding } from "../models/embedding.ts";
import { describeSampling } from "../models/few-steps.ts";
import type { ModelFile } from "../models/files.ts";
import { weightFiles } from "../models/folder.ts";
import { loadImageEncoder } from "../models/ip-adapter/image-encoder.ts";
import { loadIpAdapter } from "../models/ip-adapter/load.ts";
import { loadLora } from "../models/lora/load.ts";
import {
  MINI_CHECKPOINT_FILES,
  MINI_CHECKPOINTS,
  MINI_CONTEXT_LENGTH,
  MINI_FEW_STEPS,
  MINI_LORAS,
  MINI_MOTION_FILES,
  MINI_PREVIEW_FILE,
  MINI_SETTINGS,
  openMini,
} from "../models/mini.ts";
import type { PreviewMap } from "../models/model-family.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import { openTensors } from "../models/tensors.ts";
import { loadTunedClip, type TunedClip, tunedUnet } from "../models/tuned-clip.ts";
import type { Checkpoint, FewSteps, MotionModule, SamplingDefaults } from "../models/types.ts";
import { checkAdapterFits } from "../runtime/compose/adapter-fits.ts";
import { composeModels, type LoraChoice, type ModelChoice } from "../runtime/compose/compose.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { type AnyControl, controlNetPart, sparseCtrlPart } from "../runtime/engine/part.ts";
import { modelPartKey, tunedModel } from "../runtime/engine/shard-names.ts";
import { contentKey } from "../runtime/node/cache/content-key.ts";
import { modelFiles } from "../runtime/node/file-source.ts";
import type { Likeness } from "../runtime/pipeline/clip-request.ts";
import type { RenderArguments } from "./arguments.ts";
import type { WordsOfCheckpoint } from "./known-words.ts";
import type { LoraFile } from "./values.ts";

const MINI_FOLDER = publicPath("models/mini");
const MINI_MOTION_FOLDER = join(MINI_FOLDER, "motion_adapter");

export interface OpenedModels {
  readonly models: ModelSet;
  /** Sentences for the person, such as how many of a LoRA's layers were used. */
  readonly notices: readonly string[];
  /** Noise to begin with that came with the models (Tune-A-Video); null: the seed's. */
  readonly latents: TunedClip["latents"];
  /** What the checkpoint knows, and the words that the other models add. */
  readonly words: WordsOfCheckpoint;
  readonly names: {
    readonly checkpoint: string;
    readonly motion: string | null;
    readonly loras: readonly { name: string; weight: number }[];
  };
}

/** Opens what has that name, or finds it among what was opened before. */
export type OpenOnce = <T>(name: string, open: () => Promise<T>) => Promise<T>;

const openAnew: OpenOnce = (_, open) => open();

/** Names the contents of a file or folder. */
type KeyOf = (path: string) => Promise<string>;

export async function openModels(args: RenderArguments, once: OpenOnce = openAnew): Promise<OpenedModels> {
  const keyOf: KeyOf = (path) => once(`key ${path}`, () => contentKey(path));
  const mini = args.checkpoint === null;
  const base = await once(`checkpoint ${args.checkpoint}`, () => openCheckpoint(args.checkpoint));
  const tuned = await once(`tuned clip ${args.motion}`, () => openTunedClip(args.motion));
  const checkpoint = tuned === null ? base : { ...base, unet: tunedUnet(base.unet, tuned) };
  const motion = tuned === null ? await once(`motion ${mini} ${args.motion}`, () => openMotion(args)) : null;
  const vae = args.vae === null ? null : await once(`vae ${args.vae}`, async () => loadVae(await modelFiles(args.vae!)));
  const loras = await Promise.all(loraFiles(args).map((file) => openLora(file, keyOf, once)));
  const controls = await openControlModels(args, keyOf, once);
  const embeddings = await Promise.all(
    args.embeddings.map((path) => once(`embedding ${path}`, async () => loadEmbedding(await modelFiles(path)))),
  );
  const keys = await partKeys(args, { moving: motion !== null, tuned: tuned !== null }, keyOf);
  const preview = mini ? (JSON.parse(new TextDecoder().decode(await readMini(MINI_PREVIEW_FILE))) as PreviewMap) : null;
  const composed = composeModels({
    checkpoint,
    motion,
    vae,
    loras,
    preview,
    controls,
    embeddings,
    lanes: args.settings.lanes ?? [],
    loraForm: args.loraForm,
    keys,
  });
  const { models } = composed;
  return {
    notices: [...composed.notices, ...fewStepsNotices(motion, loras), ...unreadCalls(args)],
    models: {
      ...models,
      defaults: {
        ...models.defaults,
        ...(mini ? { ...miniDefaults(motion !== null), ...fewStepsOfMini(args, loras) } : {}),
        ...(tuned === null ? {} : tunedDefaults(tuned, models)),
      },
    },
    latents: tuned?.latents ?? null,
    words: {
      path: args.checkpoint ?? MINI_FOLDER,
      name: args.checkpoint === null ? MINI_CHECKPOINTS[0].name : basename(args.checkpoint),
      added: [
        ...loras.flatMap(({ lora, weight }) => (weight === 0 ? [] : lora.triggerWords)),
        ...embeddings.flatMap(({ words }) => words.map(({ name }) => name)),
      ],
    },
    names: {
      checkpoint: checkpoint.name,
      motion: motion?.name ?? tuned?.name ?? null,
      loras: loras.map(({ lora, weight }) => ({ name: lora.name, weight })),
    },
  };
}

/** Named by the contents of the files, so that a later run finds the converted weights. */
async function partKeys(
  { checkpoint, motion, vae }: RenderArguments,
  { moving, tuned }: { readonly moving: boolean; readonly tuned: boolean },
  keyOf: KeyOf,
): Promise<ModelChoice["keys"]> {
  const base = await keyOf(checkpoint ?? MINI_FOLDER);
  const vaeBase = vae === null ? base : await keyOf(vae);
  const unetBase = tuned ? tunedModel(base, await keyOf(motion!)) : base;
  return {
    unet: modelPartKey(unetBase, "unet"),
    text: modelPartKey(base, "text"),
    vae: modelPartKey(vaeBase, "vae"),
    motion: moving ? modelPartKey(await keyOf(motion ?? MINI_MOTION_FOLDER), "motion") : "",
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

/** A UNet that one clip has tuned, in place of a motion module; null: the file is something else, or none is named. */
async function openTunedClip(motion: string | null): Promise<TunedClip | null> {
  return motion === null || motion === "none" ? null : loadTunedClip(await modelFiles(motion));
}

/** The clip's size: the noise that came with it fits no other. */
function tunedDefaults({ latents }: TunedClip, { family, defaults }: ModelSet): Partial<SamplingDefaults> {
  if (latents === null) return { frames: defaults.frames ?? 8 };
  const [frames, , height, width] = latents.shape as [number, number, number, number];
  return { frames, height: height * family.vaeFactor, width: width * family.vaeFactor, sampler: "ddim" };
}

function miniDefaults(moving: boolean): Partial<SamplingDefaults> {
  return { ...MINI_SETTINGS, frames: moving ? MINI_SETTINGS.frames : 1, contextLength: MINI_CONTEXT_LENGTH };
}

/** A LoRA for few steps overrules Mini's own sampling; the one that `--speed fast` adds brings Mini's. */
function fewStepsOfMini({ speed }: RenderArguments, loras: readonly LoraChoice[]): Partial<SamplingDefaults> {
  if (speed === "fast") {
    const { sampler, steps, cfgScale } = MINI_FEW_STEPS.suggested;
    return { sampler, steps, cfgScale };
  }
  return loras.findLast(({ lora, weight }) => lora.fewSteps !== null && weight !== 0)?.lora.fewSteps?.sampling ?? {};
}

/** The IP-Adapter and its image encoder. */
export async function openLikeness(
  { path, encoder }: NonNullable<RenderArguments["ipAdapter"]>,
  { unet }: ModelSet,
  once: OpenOnce = openAnew,
): Promise<Pick<Likeness, "adapter" | "encoder">> {
  const [adapter, opened] = await Promise.all([
    once(`ip-adapter ${path}`, async () => loadIpAdapter(await modelFiles(path))),
    once(`image encoder ${encoder}`, async () => loadImageEncoder(await modelFiles(encoder))),
  ]);
  checkAdapterFits(adapter, unet.weights, opened);
  const keyOf: KeyOf = (each) => once(`key ${each}`, () => contentKey(each));
  const [adapterKey, encoderKey] = await Promise.all([keyOf(path), keyOf(encoder)]);
  return {
    adapter: { ...adapter, key: modelPartKey(adapterKey, "adapter") },
    encoder: { ...opened, key: modelPartKey(encoderKey, "vision") },
  };
}

async function openControlModels(
  { controlNets, sparseCtrl }: RenderArguments,
  keyOf: KeyOf,
  once: OpenOnce,
): Promise<AnyControl[]> {
  const controlKey = async (path: string) => modelPartKey(await keyOf(path), "control");
  const nets = controlNets.map(async ({ path }): Promise<AnyControl> => {
    const files = await modelFiles(path);
    const key = await controlKey(path);
    const { table } = await openTensors(await weightFiles(files));
    if (isT2iAdapter(table))
      return { ...(await once(`t2i-adapter ${path}`, () => loadT2iAdapter(files))), key, condition: "features" };
    return controlNetPart(key, await once(`controlnet ${path}`, () => loadControlNet(files)));
  });
  if (sparseCtrl === null) return Promise.all(nets);
  const { path } = sparseCtrl;
  const loaded = await once(`sparsectrl ${path}`, async () => loadSparseCtrl(await modelFiles(path)));
  return [...(await Promise.all(nets)), sparseCtrlPart(await controlKey(path), loaded)];
}

async function openLora({ path, ...strength }: LoraFile, keyOf: KeyOf, once: OpenOnce): Promise<LoraChoice> {
  const lora = await once(`lora ${path}`, async () => loadLora(await loraModelFiles(path)));
  return { ...strength, id: await keyOf(path), lora, names: [parse(path).name, ...shippedNames(path)] };
}

/** A LoRA that ships with Mini is also known by its id, which jobs name it by. */
function shippedNames(path: string): string[] {
  return MINI_LORAS.flatMap(({ id, file }) => (join(MINI_FOLDER, file) === path ? [id] : []));
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
  const fast = args.speed === "fast" && args.checkpoint === null;
  const few = { path: join(MINI_FOLDER, MINI_FEW_STEPS.file), weight: MINI_FEW_STEPS.suggested.loraWeight };
  const chosen = [...args.loras, ...args.motionLoras, ...(fast ? [few] : [])];
  const called = calledLoras({ ...defaultSettings(), ...args.settings }).map(({ name, unread: _, ...strength }) => {
    const file = chosen.find(({ path }) => sameLora(parse(path).name, name));
    return { path: file?.path ?? fileInFolder(args.loraDir, name), ...strength };
  });
  return withCalled(chosen, called, ({ path }) => path);
}

/** The first ending under which the folder has the file; ".safetensors" where it has none, so that the error names a file to look for. */
export function fileInFolder(folder: string, name: string): string {
  const paths = [".safetensors", ".ckpt", ".pt", ".pth", ".bin"].map((ending) => join(folder, name + ending));
  return paths.find(existsSync) ?? paths[0]!;
}

export async function openTokenizer(): Promise<ClipTokenizer> {
  const file = "bpe_simple_vocab_16e6.txt.gz";
  return createClipTokenizer(new TextDecoder().decode(await gunzip(await readPublic(`tokenizer/${file}`), file)));
}

async function readMini(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(join(MINI_FOLDER, path)));
}

async function readPublic(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(publicPath(path)));
}

/** A file of the package's folder `public`. */
export function publicPath(path: string): string {
  return fileURLToPath(new URL(`../../public/${path}`, import.meta.url));
}
