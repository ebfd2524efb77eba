/** Opens a LoRA: its layers, alphas and trigger words. Refuses LoRAs of other model families by name. */

import { ZoetropeError } from "../../core/errors.ts";
import { baseName, type ModelFile, modelName, readJson } from "../files.ts";
import { weightFiles } from "../folder.ts";
import { openTensors, type TensorTable } from "../tensors.ts";
import { readFinite } from "../weights.ts";
import { type LoraLayer, looksLikeLora, parseLora } from "./parse.ts";

export interface ScaledLayer extends LoraLayer {
  readonly rank: number;
  /** alpha / rank; 1 where the file gives no alpha. */
  readonly scale: number;
}

export interface Lora {
  readonly name: string;
  readonly fileName: string;
  /** "motion-lora": every layer belongs to the motion module. */
  readonly kind: "lora" | "motion-lora";
  readonly layers: readonly ScaledLayer[];
  /** Words that trigger its subject or style, from its metadata. */
  readonly triggerWords: readonly string[];
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
  const layers = parseLora(table, fileName);
  const adapter = files.find(({ path }) => baseName(path) === "adapter_config.json");
  const peft = peftAlphas(adapter === undefined ? parseJson(metadata.lora_adapter_metadata) : await readJson(adapter));
  const scaled = await Promise.all(
    layers.map(async (layer): Promise<ScaledLayer> => {
      const rank = layer.down.info.shape[0] ?? 0;
      if (rank < 1 || layer.up.info.shape[1] !== (layer.mid?.info.shape[0] ?? rank)) {
        throw new ZoetropeError("lora/bad-rank", {
          message: `${fileName}: the two factors of "${layer.name}" differ in rank.`,
          hint: "The file is damaged. Download it again.",
        });
      }
      const alpha = layer.alpha === null ? peft(layer.name) : (await readFinite(layer.alpha))[0];
      return { ...layer, rank, scale: (alpha ?? rank) / rank };
    }),
  );
  const kind = scaled.every((layer) => layer.name.includes("motion_modules")) ? "motion-lora" : "lora";
  return { name: modelName(files), fileName, kind, layers: scaled, triggerWords: triggerWords(metadata) };
}

/**
 * PEFT's settings: in an adapter_config.json as `lora_alpha` with exceptions in `alpha_pattern`; in the metadata diffusers
 * writes the same with the component before them, `unet.lora_alpha`. Without them alpha is the rank.
 */
function peftAlphas(settings: Readonly<Record<string, unknown>>): (layer: string) => number | null {
  return (layer) => {
    const path = layer.replace(/^base_model\.model\./, "");
    const component = /^(unet|text_encoder)\./.exec(path)?.[1];
    const setting = (name: string) => settings[`${component}.${name}`] ?? settings[name];
    const pattern = setting("alpha_pattern");
    if (typeof pattern === "object" && pattern !== null) {
      for (const [key, value] of Object.entries(pattern)) {
        if (typeof value === "number" && (path === key || path.endsWith(`.${key}`))) return value;
      }
    }
    const alpha = setting("lora_alpha");
    return typeof alpha === "number" ? alpha : null;
  };
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
