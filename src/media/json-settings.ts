/**
 * Settings that other tools keep as JSON, as the fields of "parameters" text: Fooocus, InvokeAI, NovelAI, SwarmUI, Draw Things, Easy
 * Diffusion. Their keys differ little, so that one table reads them all. ComfyUI's graphs are read in `comfy-graph.ts`.
 */

import type { Infotext } from "../formats/infotext/infotext.ts";
import { comfyInfotext } from "./comfy-graph.ts";

type Json = Readonly<Record<string, unknown>>;

/** Keys in lower case without spaces and underscores. Where several of a row are present, the first counts. */
const KEYS = {
  prompt: ["prompt", "positiveprompt", "c"],
  negative: ["negativeprompt", "uc"],
  Steps: ["steps", "numinferencesteps"],
  Sampler: ["sampler", "samplername"],
  "Schedule type": ["scheduler", "noiseschedule"],
  "CFG scale": ["guidancescale", "cfgscale", "cfg", "scale"],
  Seed: ["seed"],
  Size: ["resolution", "size"],
  Width: ["width"],
  Height: ["height"],
  Model: ["basemodel", "model", "usestablediffusionmodel"],
  "Clip skip": ["clipskip"],
} as const;
type Key = keyof typeof KEYS;

/** A text is taken for settings if it has the prompt and as many of the others. */
const FEWEST_OTHERS = 2;
/** Bookkeeping that has nothing to do with how the picture looks. */
const SILENT =
  /hash|version|^(fullprompt|fullnegativeprompt|metadatascheme|createdby|user|date|generationtime|signedhash|requesttype|software|source|suiextradata|v2)$/;

/** null: the text is no JSON object, or says nothing of a picture. */
export function parseJsonSettings(text: string): Infotext | null {
  const json = parseObject(text);
  if (json === null) return null;
  return comfyInfotext(json) ?? flatInfotext(objectIn(json.sui_image_params) ?? objectIn(json.meta_data) ?? json);
}

function flatInfotext(json: Json): Infotext | null {
  const values = new Map(Object.entries(json).map(([key, value]) => [plain(key), { key, value }]));
  const read = new Set<string>();
  const take = (name: Key): string => {
    let found = "";
    for (const key of KEYS[name]) {
      const text = wordsOf(values.get(key)?.value);
      if (text !== "") read.add(key);
      found ||= text;
    }
    return found;
  };
  const [prompt, negative, width, height] = [take("prompt"), take("negative"), take("Width"), take("Height")];
  const fields = new Map<string, string>();
  for (const key of ["Steps", "Sampler", "Schedule type", "CFG scale", "Seed", "Model", "Clip skip"] as const) {
    const text = take(key);
    if (text !== "") fields.set(key, text);
  }
  const size = /(\d+)\D+(\d+)/.exec(take("Size")) ?? (width && height ? ["", width, height] : null);
  if (size !== null) fields.set("Size", `${size[1]}x${size[2]}`);
  // InvokeAI calls the sampler its scheduler.
  if (!fields.has("Sampler") && fields.has("Schedule type")) {
    fields.set("Sampler", fields.get("Schedule type")!);
    fields.delete("Schedule type");
  }
  // InvokeAI counts the layers that it skips; A1111 the layer that it reads.
  if ("app_version" in json && fields.has("Clip skip")) fields.set("Clip skip", String(Number(fields.get("Clip skip")) + 1));
  if (prompt === "" || fields.size < FEWEST_OTHERS) return null;
  for (const [key, { key: name, value }] of values)
    if (!read.has(key) && !SILENT.test(key) && wordsOf(value) !== "") fields.set(name, wordsOf(value));
  return { prompt, negative, fields };
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[\s_]/g, "");
}

/** A model may be an object with a name. Lists and what says nothing are "". */
function wordsOf(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value).trim();
  const named = objectIn(value);
  if (named !== null) return wordsOf(named.name ?? named.model_name);
  return Array.isArray(value) ? value.filter((each) => typeof each !== "object").join(", ") : "";
}

function parseObject(text: string): Json | null {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    // Graphs of ComfyUI may hold NaN, which JSON does not know.
    return objectIn(JSON.parse(text.replaceAll(/:\s*NaN\b/g, ": null")));
  } catch {
    return null;
  }
}

function objectIn(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}
