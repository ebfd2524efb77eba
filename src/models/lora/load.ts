/** Opens a LoRA or one of its relatives: its layers, alphas and trigger words. Refuses those of other model families by name. */

import { ZoetropeError } from "../../core/errors.ts";
import { type Embedding, readEmbedding } from "../embedding.ts";
import { fewStepsOf } from "../few-steps.ts";
import { baseName, type ModelFile, modelName, readJson } from "../files.ts";
import { weightFiles } from "../folder.ts";
import { openTensors, type TensorRef, type TensorTable } from "../tensors.ts";
import type { FewSteps } from "../types.ts";
import { readFinite } from "../weights.ts";
import { firstWidth } from "./first-width.ts";
import { readLayer } from "./kinds/read-layer.ts";
import type { LayerTensors, WeightChange } from "./layer.ts";
import { looksLikeLora, parseAdapter } from "./parse.ts";
import { type PeftSettings, peftSettings } from "./peft.ts";

export interface Lora {
  readonly name: string;
  readonly fileName: string;
  /** "motion-lora": every layer belongs to the motion module. */
  readonly kind: "lora" | "motion-lora";
  /** What the file changes, in its order; a layer whose bias changes too has two entries. */
  readonly changes: readonly WeightChange[];
  /** Tensors that nothing here reads, grouped by the reason: "BOFT of PEFT" or "unknown" -> names. */
  readonly unread: ReadonlyMap<string, readonly string[]>;
  /** Channels of the outermost level of the UNet that it was made for; null: its layers do not tell. */
  readonly firstWidth: number | null;
  /** Textual inversions that the file brings. */
  readonly embeddings: readonly Embedding[];
  /** Words that trigger its subject or style, from its metadata. */
  readonly triggerWords: readonly string[];
  /** The settings that a LoRA for few steps wants; null for others. */
  readonly fewSteps: FewSteps | null;
  /** Sentences about settings of the file that could not be obeyed. */
  readonly notices: readonly string[];
}

/** A LoRA file, or PEFT's folder of `adapter_model.safetensors` and `adapter_config.json`. */
export async function loadLora(files: readonly ModelFile[]): Promise<Lora> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const { table, metadata } = await openTensors(parts);
  if (!looksLikeLora(table)) {
    throw new ZoetropeError("lora/not-a-lora", {
      message: `${fileName} is not a LoRA: it holds no low-rank layers.`,
      hint: "Choose a LoRA for SD 1.5. Its file is usually between 1 and 300 MB.",
    });
  }
  refuseOtherFamilies(table, fileName);
  const parsed = parseAdapter(table);
  const config = files.find(({ path }) => baseName(path) === "adapter_config.json");
  const peft = peftSettings(config === undefined ? parseJson(metadata.lora_adapter_metadata) : await readJson(config));
  const changes: WeightChange[] = [];
  for (const [name, tensors] of parsed.layers) {
    const scale = await scaleOf(name, tensors, peft);
    changes.push(...(await readLayer({ name, tensors, scale }, fileName)));
  }
  if (changes.length === 0) refuseUnread(fileName, parsed.unread);
  const name = modelName(files);
  const titles = [name, fileName, metadata["modelspec.title"], metadata.ss_output_name];
  const alphaUnknown =
    config === undefined &&
    metadata.lora_adapter_metadata === undefined &&
    [...parsed.layers].some(([layer, { alpha }]) => layer.startsWith("base_model.") && alpha === undefined);
  return {
    name,
    fileName,
    kind: changes.every(({ layer }) => layer.includes("motion_modules")) ? "motion-lora" : "lora",
    changes,
    unread: unreadByReason(parsed.unread, parsed.strangers),
    firstWidth: firstWidth(parsed.layers),
    embeddings: await bundledEmbeddings(parsed.bundled, fileName),
    triggerWords: triggerWords(metadata),
    fewSteps: fewStepsOf(titles, "lora"),
    notices: [
      ...peft.notices.map((notice) => `${name}: ${notice}.`),
      ...(alphaUnknown
        ? [
            `${name}: its alpha is in adapter_config.json, which is not beside it; alpha = rank was taken. Add the folder to use it.`,
          ]
        : []),
    ],
  };
}

/** The factor of a layer's change by its rank. LyCORIS reads an alpha of 0 as the rank, too. */
async function scaleOf(name: string, tensors: LayerTensors, peft: PeftSettings): Promise<(rank: number) => number> {
  const stored = tensors.alpha === undefined ? null : (await readFinite(tensors.alpha))[0]!;
  if (stored !== null && stored !== 0) return (rank) => stored / rank;
  const stated = stored === null ? peft.alpha(name) : null;
  return stated === null ? () => 1 : (rank) => peft.scale(name, stated, rank);
}

function refuseUnread(fileName: string, unread: ReadonlyMap<string, string>): never {
  const [form = "a form of LoRA that has no layers"] = unread.values();
  throw new ZoetropeError("lora/unsupported-form", {
    message: `${fileName} is a LoRA in a form that Zoetrope cannot apply: ${form}.`,
    hint: "Look for a LoRA, LoHa, LoKr or DoRA of the same subject, or convert it with the tool that made it.",
  });
}

function unreadByReason(unread: ReadonlyMap<string, string>, strangers: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [key, form] of unread) found.set(form, [...(found.get(form) ?? []), key]);
  if (strangers.length > 0) found.set("unknown", [...strangers]);
  return found;
}

/** `bundle_emb.NAME.KEY`: A1111 and OneTrainer store textual inversions that were trained together with a LoRA so. */
async function bundledEmbeddings(bundled: TensorTable, fileName: string): Promise<Embedding[]> {
  const tables = new Map<string, Map<string, TensorRef>>();
  for (const [key, ref] of bundled) {
    const [, name = "", rest = ""] = /^bundle_emb\.([^.]+)\.(.+)$/.exec(key) ?? [];
    tables.set(name, (tables.get(name) ?? new Map()).set(rest, ref));
  }
  return Promise.all([...tables].map(([name, table]) => readEmbedding(table, name, fileName)));
}

function parseJson(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^lora_te[23]_|^text_encoder_2\.|_transformer_blocks_[1-9]_|\.attentions\.\d+\.transformer_blocks\.[1-9]/, "SDXL"],
  [/double_blocks|single_blocks|single_transformer_blocks/, "Flux"],
  [/joint_blocks|^transformer\.transformer_blocks\./, "Stable Diffusion 3"],
  [/^(lora_unet_|transformer\.|diffusion_model\.)(blocks|layers)[._]\d/, "a video or picture transformer"],
];

function refuseOtherFamilies(table: TensorTable, fileName: string): void {
  let family: string | null = null;
  let width: number | null = null;
  for (const [key, { info }] of table) {
    family ??= FAMILIES.find(([pattern]) => pattern.test(key))?.[1] ?? null;
    if (/attn2[._](processor\.)?to_k[._].*(down|lora_A)/.test(key)) width ??= info.shape[1] ?? null;
  }
  if (width === 2048) family ??= "SDXL";
  if (width === 1024) family ??= "Stable Diffusion 2.x";
  if (family === null) return;
  const widths = width === null ? "" : ` (its text is ${width} wide, that of SD 1.x 768)`;
  throw new ZoetropeError("lora/other-family", {
    message: `${fileName} is a LoRA for ${family}${widths}; Zoetrope animates Stable Diffusion 1.x models.`,
    hint: "Choose a LoRA trained on SD 1.5.",
  });
}

const MAX_TRIGGERS = 5;

/** The phrase the author wrote, else the captions that nearly every training picture had. */
function triggerWords(metadata: Readonly<Record<string, string>>): string[] {
  const phrase = metadata["modelspec.trigger_phrase"];
  if (phrase !== undefined && phrase.trim() !== "")
    return phrase
      .split(",")
      .map((word) => word.trim())
      .slice(0, MAX_TRIGGERS);
  const counts = new Map<string, number>();
  for (const folder of Object.values(parseJson(metadata.ss_tag_frequency))) {
    if (typeof folder !== "object" || folder === null) continue;
    for (const [tag, n] of Object.entries(folder))
      if (typeof n === "number") counts.set(tag.trim(), (counts.get(tag.trim()) ?? 0) + n);
  }
  const most = Math.max(0, ...counts.values());
  return [...counts]
    .filter(([tag, n]) => tag !== "" && n >= 0.8 * most)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_TRIGGERS)
    .map(([tag]) => tag);
}
