/** Names output files by a template: "{index}-{seed}-{prompt}.gif". Names are safe on every file system. */

import { ZoetropeError } from "../core/errors.ts";
import { defaultSettings, valuesOf } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import { promptSlug } from "../media/file-name.ts";
import type { FileRef, Job } from "./job.ts";
import { settingName } from "./parse-job.ts";

export const DEFAULT_TEMPLATE = "{index}-{seed}-{prompt}.gif";

export interface NamedJob {
  readonly job: Job;
  /** From 0. */
  readonly index: number;
  /** Jobs of the batch: the index is padded to as many digits. */
  readonly count: number;
  readonly hash: string;
}

const LONGEST_VALUE = 60;
/** File systems allow 255 bytes; the rest is left to endings and to what programs add. */
const LONGEST_SEGMENT_BYTES = 200;
const HASH_DIGITS = 8;
/** Names that Windows keeps for devices. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** @throws ZoetropeError `job/name` when the template names something that jobs do not have, or a folder outside */
export function checkTemplate(template: string): void {
  for (const [, key] of template.matchAll(/\{([^{}]*)\}/g)) {
    const known = ["index", "name", "hash", "checkpoint", "motion"].includes(key!) || settingName(key!) !== undefined;
    if (!known && !key!.startsWith("lora:"))
      refuse(
        `--name has no {${key}}.`,
        "It takes {index}, {name}, {hash}, {checkpoint}, {motion}, {lora:NAME} and settings such as {seed}.",
      );
  }
  const plain = template.replaceAll(/\{[^{}]*\}/g, "x");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: file names must not hold them
  if (/[<>:"|?*\\\u0000-\u001f{}]/.test(plain))
    refuse(`--name ${template} holds characters that file names cannot have.`, "Use letters, digits, . _ and -.");
  if (plain.split("/").some((segment) => /^\.*$/.test(segment)))
    refuse(`--name ${template} leads out of the folder.`, "Write names and subfolders only.");
}

/** A path below the folder of outputs; slashes come from the template alone. */
export function outputName(template: string, named: NamedJob): string {
  const filled = template
    .split("/")
    .map((segment) => segment.replaceAll(/\{([^{}]*)\}/g, (_, key: string) => safe(textFor(key, named))));
  return filled.map(safeSegment).join("/");
}

function textFor(key: string, { job, index, count, hash }: NamedJob): string {
  switch (key) {
    case "index":
      return String(index + 1).padStart(String(count).length, "0");
    case "hash":
      return hash.slice(0, HASH_DIGITS);
    case "name":
      return job.name ?? "";
    case "prompt":
      return promptSlug(job.settings.prompt);
    case "checkpoint":
      return stemOf(job.checkpoint);
    case "motion":
      return job.motion === null ? "none" : stemOf(job.motion);
    default:
      return key.startsWith("lora:") ? loraWeight(job, key.slice("lora:".length)) : settingText(key, job);
  }
}

function loraWeight(job: Job, name: string): string {
  const lora = [...job.loras, ...job.motionLoras].find((each) => stemOf(each).toLowerCase() === name.toLowerCase());
  return lora === undefined ? "0" : String(lora.weight);
}

/** What was said; else the default, or "auto" where the models decide. */
function settingText(key: string, { settings }: Job): string {
  const name = settingName(key)! as keyof typeof settingsSchema;
  const value = valuesOf(settings)[name];
  if (value !== undefined && value !== null) return typeof value === "object" ? "" : String(value);
  const setting = settingsSchema[name];
  return "fromModel" in setting && setting.fromModel ? "auto" : String(valuesOf(defaultSettings())[name] ?? "auto");
}

function stemOf(ref: FileRef): string {
  if ("id" in ref) return ref.id;
  return ref.path
    .replace(/[\\/]+$/, "")
    .replace(/^.*[\\/]/, "")
    .replace(/\.\w+$/, "");
}

function safe(value: string): string {
  const words = value.normalize("NFC").replaceAll(/[^\p{Letter}\p{Mark}\p{Number}._-]+/gu, "-");
  return [...words]
    .slice(0, LONGEST_VALUE)
    .join("")
    .replaceAll(/^[-.]+|[-.]+$/g, "");
}

function safeSegment(segment: string): string {
  const ending = /\.\w{1,5}$/.exec(segment)?.[0] ?? "";
  const stem = segment
    .slice(0, segment.length - ending.length)
    .replaceAll(/-{2,}/g, "-")
    .replaceAll(/^[-. ]+|[-. ]+$/g, "");
  const named = stem === "" ? "clip" : DEVICE.test(stem) ? `_${stem}` : stem;
  return shortened(named) + ending;
}

/** Whole characters that fit. */
function shortened(text: string): string {
  const encoder = new TextEncoder();
  const characters = [...text];
  while (encoder.encode(characters.join("")).length > LONGEST_SEGMENT_BYTES) characters.pop();
  return characters.join("");
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/name", { message, hint });
}
