/**
 * Puts the chosen models together: checks that they fit each other, and applies LoRAs, either merged into the weights they change or
 * beside these as side branches. Merging costs a step nothing but packs the weights again whenever a slider moves, so small models
 * merge and large ones do not.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Lane } from "../../core/animation/lanes.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { PromptEmbedding } from "../../core/prompt/chunks.ts";
import type { LoraStrength } from "../../core/prompt/lora-strength.ts";
import { addUnet } from "../../models/control/add-unet.ts";
import type { Embedding } from "../../models/embedding.ts";
import type { Lora } from "../../models/lora/load.ts";
import { type LoraDelta, matchLora } from "../../models/lora/match.ts";
import { changesOf, withChanges } from "../../models/lora/merge.ts";
import type { LoraComponent } from "../../models/lora/places.ts";
import { canRunBeside, type LoraBeside, withSideBranches } from "../../models/lora/side-branch.ts";
import { familyWithVae, type ModelFamily, type PreviewMap, SD1_FAMILY } from "../../models/model-family.ts";
import { checkMotionFits } from "../../models/motion/load.ts";
import { parameterCount } from "../../models/parameter-count.ts";
import type { Checkpoint, Component, MotionModule, SamplingDefaults, UnetConfig, VaeConfig } from "../../models/types.ts";
import { floats, type HostTensor } from "../engine/backend.ts";
import type { AnyControl, Part, SideBranch, T2iPart } from "../engine/part.ts";
import { formatPartKey } from "../engine/shard-names.ts";
import { checkCanMove, loraLanes } from "./lora-lanes.ts";
import type { ModelSet } from "./model-set.ts";

export interface LoraChoice extends LoraStrength {
  /** What lanes call it. Absent: the LoRA's own name. */
  readonly names?: readonly string[];
  /** Names its contents in the keys of the weights it changes: letters, digits, '-', '_' and '.' only. */
  readonly id: string;
  readonly lora: Lora;
}

interface MatchedLora extends LoraBeside {
  readonly id: string;
}

/** "merged": added to the weights while these are packed. "side-branch": as inputs of the graphs; what cannot be one is merged. */
export type LoraForm = "merged" | "side-branch";

/** Smaller UNets are packed in about a second. */
const MERGE_BELOW_PARAMETERS = 60e6;

export interface ModelChoice {
  readonly checkpoint: Checkpoint;
  readonly motion: MotionModule | null;
  /** Replaces the checkpoint's own; null: that is used. */
  readonly vae: Component<VaeConfig> | null;
  readonly loras: readonly LoraChoice[];
  /** Those of the clip, of which the LoRAs' are obeyed here. Absent: none. */
  readonly lanes?: readonly Lane[];
  readonly controls: readonly AnyControl[];
  readonly embeddings?: readonly Embedding[];
  /** null: the family's own map. */
  readonly preview: PreviewMap | null;
  /** null or absent: the form that suits the UNet's size. */
  readonly loraForm?: LoraForm | null;
  /** Keys of the parts' weights before any LoRA (`PartKey.base`). */
  readonly keys: { readonly unet: string; readonly text: string; readonly vae: string; readonly motion: string };
}

/**
 * @returns the models, and sentences for the person, such as which part of a LoRA was used
 * @throws ZoetropeError `checkpoint/incomplete`, `checkpoint/mismatch`, `motion/…` or `control/wrong-width`
 */
export function composeModels(choice: ModelChoice): { models: ModelSet; notices: string[] } {
  const { checkpoint, motion, keys } = choice;
  const { unet } = checkpoint;
  const text =
    checkpoint.textEncoder ??
    refuseMissing(checkpoint.name, "text encoder", "Choose a checkpoint that includes it (usually 2 or 4 GB).");
  const vae =
    choice.vae ??
    checkpoint.vae ??
    refuseMissing(
      checkpoint.name,
      "VAE",
      "Add a VAE for SD 1.5, for example vae-ft-mse-840000, or choose a checkpoint that includes one.",
    );
  if (text.config.hiddenSize !== unet.config.crossAttentionDim) {
    throw new ZoetropeError("checkpoint/mismatch", {
      message: `The text encoder of ${checkpoint.name} is ${text.config.hiddenSize} wide; its UNet wants text ${unet.config.crossAttentionDim} wide.`,
      hint: "The checkpoint was put together from parts of different families. Choose another.",
    });
  }
  if (motion !== null) checkMotionFits(unet.config, motion.config);
  for (const control of choice.controls) checkControlFits(control, unet.config);

  const targets = { unet: unet.weights, textEncoder: text.weights, motion: motion?.weights ?? null };
  const lanesOf = loraLanes(choice.loras, choice.lanes ?? []);
  const moving = lanesOf.filter((lane) => lane !== null);
  const matched = choice.loras.map(({ lora, names: _, ...rest }, i): MatchedLora => {
    const lane = lanesOf[i]!;
    const own = { ...rest, matched: matchLora(lora, targets) };
    if (lane === null) return own;
    checkCanMove(own);
    return { ...own, column: 1 + moving.indexOf(lane) };
  });
  const form = choice.loraForm ?? (parameterCount(unet.weights) < MERGE_BELOW_PARAMETERS ? "merged" : "side-branch");
  const withMatched = <C>(component: LoraComponent, part: Component<C>, key: string): Part<C> =>
    form === "side-branch" || (component !== "textEncoder" && moving.length > 0)
      ? sideBranchPart(part, component, key, { loras: matched, form })
      : mergedPart(part, component, key, matched);
  const family = familyWithVae(SD1_FAMILY, vae.config, choice.preview);
  const { embeddings, notices: bundleNotices } = withBundled(choice.embeddings ?? [], choice.loras);
  const { fitting, misfits } = fittingEmbeddings(embeddings, text.config.hiddenSize);
  const models: ModelSet = {
    name: checkpoint.name,
    family,
    unet: withMatched("unet", unet, keys.unet),
    text: withMatched("textEncoder", text, keys.text),
    vae: { ...vae, key: keys.vae },
    motion: motion === null ? null : withMatched("motion", motion, keys.motion),
    controls: choice.controls.map((control) => wholeControl(control, unet, keys.unet)),
    embeddings: fitting,
    ...(moving.length === 0 ? {} : { loraLanes: moving }),
    defaults: withFewSteps(mergeDefaults(checkpoint.defaults, motion, family), choice.loras),
  };
  const partly = matched.filter(({ matched: m }) => m.used < m.total).map(({ matched: m }) => `${m.lora.name}: ${m.report}.`);
  const ofLoras = choice.loras.flatMap(({ lora }) => [...lora.notices, ...unreadTensors(lora)]);
  return {
    models,
    notices: [...checkpoint.notices, ...(motion?.notices ?? []), ...partly, ...ofLoras, ...bundleNotices, ...misfits],
  };
}

function unreadTensors({ name, unread }: Lora): string[] {
  return [...unread].map(([reason, keys]) => {
    const tensors = keys.length === 1 ? `1 tensor was not used` : `${keys.length} tensors were not used`;
    return `${name}: ${tensors} (${reason}; the first is "${keys[0]}").`;
  });
}

/** The chosen textual inversions, and those that LoRA files bring; a chosen one replaces its namesake. */
function withBundled(chosen: readonly Embedding[], loras: readonly LoraChoice[]): { embeddings: Embedding[]; notices: string[] } {
  const embeddings = [...chosen];
  const notices: string[] = [];
  for (const { lora } of loras) {
    for (const embedding of lora.embeddings) {
      const taken = embeddings.some(({ words }) => words.some(({ name }) => name.toLowerCase() === embedding.name.toLowerCase()));
      if (!taken) embeddings.push(embedding);
      notices.push(
        taken
          ? `${lora.name}: its textual inversion ${embedding.name} was left out, because another has that name.`
          : `${lora.name}: brings the textual inversion ${embedding.name}; the prompt calls it by that word.`,
      );
    }
  }
  return { embeddings, notices };
}

/** The LoRAs for few steps decide how to sample; of several, the last. */
function withFewSteps(defaults: SamplingDefaults, loras: readonly LoraChoice[]): SamplingDefaults {
  const few = loras.filter(({ lora, weight }) => lora.fewSteps !== null && weight !== 0).at(-1)?.lora.fewSteps;
  return few ? { ...defaults, ...few.sampling } : defaults;
}

function fittingEmbeddings(
  embeddings: readonly Embedding[],
  hiddenSize: number,
): { fitting: PromptEmbedding[]; misfits: string[] } {
  const words = embeddings.flatMap((embedding) => embedding.words);
  const fits = ({ vectors }: PromptEmbedding) => vectors.every(({ length }) => length === hiddenSize);
  const misfits = words
    .filter((word) => !fits(word))
    .map(
      ({ name, vectors }) =>
        `${name}: this textual inversion was left out, its vectors are ${vectors[0]?.length} wide and the text encoder ${hiddenSize}.`,
    );
  return { fitting: words.filter(fits), misfits };
}

function mergedPart<C>(
  { config, weights }: Component<C>,
  component: LoraComponent,
  key: string,
  loras: readonly MatchedLora[],
): Part<C> {
  const merged = formatPartKey({ base: key, loras: loraDigest(component, loras, () => true), temporary: false });
  return { config, weights: withChanges(weights, changesOf(component, loras)), key: merged };
}

/** LoRAs beside the weights, as far as they can be. In the form "merged" only those whose weight changes over time are. */
function sideBranchPart<C>(
  part: Component<C>,
  component: LoraComponent,
  key: string,
  { loras, form }: { readonly loras: readonly MatchedLora[]; readonly form: LoraForm },
): Part<C> {
  const isMerged = (lora: MatchedLora) => form === "merged" && lora.column === undefined;
  const [inWeights, beside] = [loras.filter(isMerged), loras.filter((lora) => !isMerged(lora))];
  const merges = (delta: LoraDelta) => !canRunBeside(delta) || inWeights.some(({ matched }) => matched.deltas.includes(delta));
  const partKey = formatPartKey({ base: key, loras: loraDigest(component, loras, merges), temporary: false });
  const merged = withChanges(part.weights, changesOf(component, loras, merges));
  // The text encoder reads the prompt once for all frames, so that a lane does not reach it.
  const still = component === "textEncoder" ? beside.map(({ column: _, ...lora }) => lora) : beside;
  const { weights, read } = withSideBranches(merged, component, still);
  if (weights.sideBranches === undefined) return { config: part.config, weights, key: partKey, sideBranch: null };
  let inputs: ReturnType<SideBranch["read"]> | null = null;
  const readInputs = async () => {
    const tensors: Record<string, HostTensor> = {};
    for (const [name, { data, shape }] of await read()) tensors[name] = floats(data, shape);
    return tensors;
  };
  const perFrame = weights.frameFactors === undefined ? "" : ` by ${weights.frameFactors} factors`;
  const layers = [...weights.sideBranches].sort().join(" ") + perFrame;
  return { config: part.config, weights, key: partKey, sideBranch: { layers, read: () => (inputs ??= readInputs()) } };
}

/**
 * Names the LoRAs that are merged into a component, so that its weights get a key of their own; null where none does. It is a digest because
 * the key becomes a file's name, and a handful of LoRAs written out would exceed the 255 bytes that file systems allow.
 */
function loraDigest(
  component: LoraComponent,
  loras: readonly MatchedLora[],
  merges: (delta: LoraDelta) => boolean,
): string | null {
  const touching = loras.filter((lora) => changesOf(component, [lora], merges).size > 0);
  if (touching.length === 0) return null;
  const all = touching.map(({ id, ...strength }) => `${id}_${strengthName(strength)}`).join("+");
  return bytesToHex(sha256(utf8ToBytes(all))).slice(0, 32);
}

/** Strengths of one number keep the name that they have always had, so that shards are found again. */
function strengthName({ weight, textWeight, blocks }: LoraStrength): string {
  return [weight, ...(textWeight === undefined ? [] : [`te${textWeight}`]), ...(blocks ?? [])].join("_");
}

/** The motion module decides how to sample; the checkpoint, then the family decide how large the picture is. */
function mergeDefaults(own: SamplingDefaults, motion: MotionModule | null, { defaultSize }: ModelFamily): SamplingDefaults {
  const checkpoint = { ...own, width: own.width ?? defaultSize.width, height: own.height ?? defaultSize.height };
  if (motion === null) return checkpoint;
  const { defaults } = motion;
  return {
    predictionType: checkpoint.predictionType,
    betaSchedule: defaults.betaSchedule ?? checkpoint.betaSchedule,
    betaStart: defaults.betaStart ?? checkpoint.betaStart,
    betaEnd: defaults.betaEnd ?? checkpoint.betaEnd,
    zeroSnr: defaults.zeroSnr ?? checkpoint.zeroSnr,
    sampler: defaults.sampler ?? checkpoint.sampler,
    steps: defaults.steps ?? checkpoint.steps,
    cfgScale: defaults.cfgScale ?? checkpoint.cfgScale,
    frames: defaults.frames ?? checkpoint.frames,
    contextLength: defaults.contextLength ?? checkpoint.contextLength,
    width: checkpoint.width,
    height: checkpoint.height,
  };
}

/** A ControlNet of differences needs the checkpoint's UNet, so its shards belong to both. As in ComfyUI, LoRAs do not change it. */
function wholeControl(control: AnyControl, unet: Component<UnetConfig>, unetKey: string): AnyControl {
  if (control.condition === "features" || !control.difference) return control;
  const digest = bytesToHex(sha256(utf8ToBytes(unetKey))).slice(0, 32);
  const key = formatPartKey({ base: control.key, loras: digest, temporary: false });
  return { ...control, key, difference: false, weights: addUnet(control.weights, unet.weights, control.differences) };
}

function checkControlFits(control: AnyControl, unet: UnetConfig): void {
  if (control.condition === "features") {
    checkT2iFits(control, unet);
    return;
  }
  const { key, unet: own } = control;
  const widths = (config: UnetConfig) => [...config.blockOutChannels, config.crossAttentionDim].join(", ");
  if (widths(own) === widths(unet)) return;
  throw new ZoetropeError("control/wrong-width", {
    message: `The control model ${key} was made for levels and text of widths ${widths(own)}; the checkpoint has ${widths(unet)}.`,
    hint: "Choose a control model for SD 1.5.",
  });
}

function checkT2iFits({ key, config }: T2iPart, unet: UnetConfig): void {
  if (config.channels.join() === unet.blockOutChannels.join()) return;
  throw new ZoetropeError("control/wrong-width", {
    message: `The T2I-Adapter ${key} was made for levels of widths ${config.channels.join(", ")}; the checkpoint has ${unet.blockOutChannels.join(", ")}.`,
    hint: "Choose a T2I-Adapter for SD 1.5.",
  });
}

function refuseMissing(name: string, part: string, hint: string): never {
  throw new ZoetropeError("checkpoint/incomplete", { message: `${name} has no ${part}.`, hint });
}
