/**
 * Puts the chosen models together: the motion module checked against the checkpoint, LoRAs merged into the weights they touch or
 * beside them. Merging costs a step nothing, but packs again whenever a slider moves: small models merge, large ones do not.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { ZoetropeError } from "../../core/errors.ts";
import type { Embedding } from "../../models/embedding.ts";
import type { Lora } from "../../models/lora/load.ts";
import { matchLora } from "../../models/lora/match.ts";
import { type WeightedLora, withLoras } from "../../models/lora/merge.ts";
import type { LoraComponent } from "../../models/lora/places.ts";
import { withSideBranches } from "../../models/lora/side-branch.ts";
import { checkMotionFits } from "../../models/motion/load.ts";
import { parameterCount } from "../../models/parameter-count.ts";
import type { Checkpoint, Component, MotionModule, SamplingDefaults, UnetConfig, VaeConfig } from "../../models/types.ts";
import { floats, type HostTensor } from "../engine/backend.ts";
import { type ControlPart, type ModelSet, type Part, type PreviewMap, SD1_PREVIEW, type SideBranchInputs } from "./model-set.ts";

interface IdentifiedLora extends WeightedLora {
  readonly id: string;
}

export interface LoraChoice {
  /** Names its contents in the keys of the weights it changes: letters, digits, '-', '_' and '.' only. */
  readonly id: string;
  readonly lora: Lora;
  readonly weight: number;
}

/** "merged": into the weights while these are packed. "side-branch": as inputs of the graphs, beside the weights. */
export type LoraForm = "merged" | "side-branch";

/** UNets below this are packed in about a second. */
const MERGE_BELOW_PARAMETERS = 60e6;

export interface ModelChoice {
  readonly checkpoint: Checkpoint;
  readonly motion: MotionModule | null;
  /** Instead of the checkpoint's own. */
  readonly vae: Component<VaeConfig> | null;
  readonly loras: readonly LoraChoice[];
  readonly controls: readonly ControlPart[];
  readonly embeddings?: readonly Embedding[];
  /** null: the usual map for latents of SD 1.x. */
  readonly preview: PreviewMap | null;
  /** null: as the model's size suggests. */
  readonly loraForm?: LoraForm | null;
  /** Names of the parts' weights before any LoRA (see Part.key). */
  readonly keys: { readonly unet: string; readonly text: string; readonly vae: string; readonly motion: string };
}

/** @throws ZoetropeError when a part is missing or does not fit */
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
  const matched = choice.loras.map(({ id, lora, weight }) => ({ id, matched: matchLora(lora, targets), weight }));
  const form = choice.loraForm ?? (parameterCount(unet.weights) < MERGE_BELOW_PARAMETERS ? "merged" : "side-branch");
  const under = <C>(component: LoraComponent, part: Component<C>, key: string): Part<C> =>
    form === "side-branch" ? sideBranchPart(part, component, key, matched) : mergedPart(part, component, key, matched);
  const { fitting, misfits } = fittingEmbeddings(choice.embeddings ?? [], text.config.hiddenSize);
  const models: ModelSet = {
    name: checkpoint.name,
    unet: under("unet", unet, keys.unet),
    text: under("textEncoder", text, keys.text),
    vae: { ...vae, key: keys.vae },
    motion: motion === null ? null : under("motion", motion, keys.motion),
    controls: choice.controls,
    embeddings: fitting,
    defaults: mergeDefaults(checkpoint.defaults, motion),
    preview: choice.preview ?? SD1_PREVIEW,
  };
  const partly = matched.filter(({ matched: m }) => m.used < m.total).map(({ matched: m }) => `${m.lora.name}: ${m.report}.`);
  return { models, notices: [...partly, ...misfits] };
}

function fittingEmbeddings(embeddings: readonly Embedding[], hiddenSize: number): { fitting: Embedding[]; misfits: string[] } {
  const fits = ({ vectors }: Embedding) => vectors.every(({ length }) => length === hiddenSize);
  const misfits = embeddings
    .filter((embedding) => !fits(embedding))
    .map(
      ({ name, vectors }) =>
        `${name}: this textual inversion was left out, its vectors are ${vectors[0]?.length} wide and the text encoder ${hiddenSize}.`,
    );
  return { fitting: embeddings.filter(fits), misfits };
}

function mergedPart<C>(
  { config, weights }: Component<C>,
  component: LoraComponent,
  key: string,
  loras: readonly IdentifiedLora[],
): Part<C> {
  return { config, weights: withLoras(weights, component, loras), key: key + loraSuffix(component, loras) };
}

function sideBranchPart<C>(part: Component<C>, component: LoraComponent, key: string, loras: readonly IdentifiedLora[]): Part<C> {
  const { weights, read } = withSideBranches(part.weights, component, loras);
  if (weights.sideBranches === undefined) return { ...part, key, sideBranch: null };
  let inputs: ReturnType<SideBranchInputs["read"]> | null = null;
  const readInputs = async () => {
    const tensors: Record<string, HostTensor> = {};
    for (const [name, { data, shape }] of await read()) tensors[name] = floats(data, shape);
    return tensors;
  };
  const layers = [...weights.sideBranches].sort().join(" ");
  return { config: part.config, weights, key, sideBranch: { layers, read: () => (inputs ??= readInputs()) } };
}

/**
 * Names the LoRAs that change a component, so that its weights get a key of their own. A digest: shards are files, and file systems
 * end names at 255 bytes, which a handful of LoRAs can reach.
 */
function loraSuffix(component: LoraComponent, loras: readonly IdentifiedLora[]): string {
  const touching = loras.filter(({ matched, weight }) => weight !== 0 && matched.deltas.some((d) => d.component === component));
  if (touching.length === 0) return "";
  const all = touching.map(({ id, weight }) => `${id}_${weight}`).join("+");
  return `+${bytesToHex(sha256(utf8ToBytes(all))).slice(0, 32)}`;
}

/** The motion module decides how to sample; the checkpoint what is predicted and how large the picture is. */
function mergeDefaults(checkpoint: SamplingDefaults, motion: MotionModule | null): SamplingDefaults {
  if (motion === null) return checkpoint;
  const { defaults } = motion;
  return {
    predictionType: checkpoint.predictionType,
    betaSchedule: defaults.betaSchedule ?? checkpoint.betaSchedule,
    betaStart: defaults.betaStart ?? checkpoint.betaStart,
    betaEnd: defaults.betaEnd ?? checkpoint.betaEnd,
    sampler: defaults.sampler ?? checkpoint.sampler,
    steps: defaults.steps ?? checkpoint.steps,
    cfgScale: defaults.cfgScale ?? checkpoint.cfgScale,
    frames: defaults.frames ?? checkpoint.frames,
    contextLength: defaults.contextLength ?? checkpoint.contextLength,
    width: checkpoint.width,
    height: checkpoint.height,
  };
}

function checkControlFits({ key, unet: own }: ControlPart, unet: UnetConfig): void {
  const widths = (config: UnetConfig) => [...config.blockOutChannels, config.crossAttentionDim].join(", ");
  if (widths(own) === widths(unet)) return;
  throw new ZoetropeError("control/wrong-width", {
    message: `The control model ${key} was made for levels and text of widths ${widths(own)}; the checkpoint has ${widths(unet)}.`,
    hint: "Choose a control model for SD 1.5.",
  });
}

function refuseMissing(name: string, part: string, hint: string): never {
  throw new ZoetropeError("checkpoint/incomplete", { message: `${name} has no ${part}.`, hint });
}
