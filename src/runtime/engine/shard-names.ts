/**
 * Names of converted weights, written and read in this file only, because shards that people have converted are found again by them:
 *
 *     MODEL-COMPONENT[+LORAS][+full][-kv|-encoder]-PRECISION-LAYOUT-INDEX.bin
 *     └────── key of the part ─────┘
 *
 * The key of a part (`Part.key`) names its weights: equal keys hold equal weights. MODEL names the contents of a file; `zoetrope
 * train`, which keeps nothing, and benches use a COMPONENT alone. LAYOUT and INDEX come from `ShardLayout`.
 */

import type { Precision } from "../../core/settings/render-settings.ts";

export type ModelComponent = "unet" | "text" | "vae" | "motion" | "control" | "adapter" | "vision";

export interface PartKey {
  /** Names the weights as their file holds them. */
  readonly base: string;
  /** Digest of what was merged into the weights: LoRAs, or the UNet of a ControlNet of differences; null without any. */
  readonly loras: string | null;
  /** Whether the weights are temporary ones, packed at full precision for one animation (pipeline/temporary-weights.ts). */
  readonly temporary: boolean;
}

/** What a part packs separately from its other weights, because most runs do without it or run it in a session of its own. */
export type ShardSection = "kv" | "encoder";

/** What the shards of one layout have in common. */
export interface ShardGroup {
  readonly partKey: string;
  readonly section: ShardSection | null;
  readonly precision: Precision;
}

export interface ShardName extends ShardGroup {
  /** Digest of the layout, eight hexadecimal digits. */
  readonly layout: string;
  readonly index: number;
}

const TEMPORARY = "+full";
const PART_KEY = /^([^+]*)(?:\+([0-9a-f]{32}))?(\+full)?$/;
const MODEL_KEY = /^(.+)-(?:unet|text|vae|motion|control|adapter|vision)$/;
const SHARD = /^(.+?)(?:-(kv|encoder))?-(fp32|fp16|q8|q4)-([0-9a-f]{8})-(\d+)\.bin$/;

/** @param model id of a file, or of what ships with the page: letters, digits, '-', '_' and '.' */
export function modelPartKey(model: string, component: ModelComponent): string {
  return `${model}-${component}`;
}

export function formatPartKey({ base, loras, temporary }: PartKey): string {
  return base + (loras === null ? "" : `+${loras}`) + (temporary ? TEMPORARY : "");
}

/** @throws RangeError when it is no such key */
export function parsePartKey(key: string): PartKey {
  const [matched, base, loras, temporary] = PART_KEY.exec(key) ?? [];
  if (matched === undefined) throw new RangeError(`${key} is not the key of a part`);
  return { base: base!, loras: loras ?? null, temporary: temporary !== undefined };
}

/** Names a checkpoint with the weights that were tuned on a clip in place of its own. */
export function tunedModel(checkpoint: string, clip: string): string {
  return `${checkpoint}_${clip}`;
}

/** Whether the part is of the model with this id, alone or tuned (`tunedModel`). */
export function isPartOf(key: string, model: string): boolean {
  const own = modelOf(key);
  return own !== null && (own === model || own.split("_").includes(model));
}

/** Key of the same weights, packed for one animation at full precision. */
export function temporaryKey(key: string): string {
  return formatPartKey({ ...parsePartKey(key), temporary: true });
}

/** Key of the same weights, packed for the steps or the samples of a training, whose graphs read other tensors than a render's do. */
export function trainingKey(key: string, use: "steps" | "samples"): string {
  const { base, loras } = parsePartKey(key);
  return formatPartKey({ base: `${base}-training-${use}`, loras, temporary: true });
}

export function isTemporary(key: string): boolean {
  return parsePartKey(key).temporary;
}

/** Whether the weights last for one choice of LoRAs or one animation only: they are as large as the model's own, so they are swept. */
export function isTransient(key: string): boolean {
  const { loras, temporary } = parsePartKey(key);
  return loras !== null || temporary;
}

/** Id of the model that the part belongs to, see `modelPartKey`; null where the key names none. */
export function modelOf(key: string): string | null {
  return MODEL_KEY.exec(parsePartKey(key).base)?.[1] ?? null;
}

/** The prefix that `ShardLayout` adds layout and index to. */
export function formatShardGroup({ partKey, section, precision }: ShardGroup): string {
  return [partKey, ...(section === null ? [] : [section]), precision].join("-");
}

export function formatShardName(shard: ShardName): string {
  return `${formatShardGroup(shard)}-${shard.layout}-${shard.index}.bin`;
}

/** null: a file of another kind. */
export function parseShardName(name: string): ShardName | null {
  const [matched, partKey, section, precision, layout, index] = SHARD.exec(name) ?? [];
  if (matched === undefined || !PART_KEY.test(partKey!)) return null;
  return {
    partKey: partKey!,
    section: (section as ShardSection | undefined) ?? null,
    precision: precision as Precision,
    layout: layout!,
    index: Number(index),
  };
}
