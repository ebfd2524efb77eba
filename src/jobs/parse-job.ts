/** Reads a job from JSON. Every fault is refused in one sentence; nothing unknown is passed over. */

import { EASINGS } from "../core/animation/easing.ts";
import { LANE_WORDS, type Lane, laneTarget, parseLane } from "../core/animation/lanes.ts";
import { ZoetropeError } from "../core/errors.ts";
import { PREPROCESSORS, type Preprocessor } from "../core/preprocess/preprocessor-names.ts";
import { checkRanges } from "../core/settings/check.ts";
import { defaultSettings, settingsOf, valuesOf } from "../core/settings/render-settings.ts";
import { settingsSchema } from "../core/settings/schema.ts";
import type { Keyframe, Schema, Setting, SettingValue } from "../core/settings/setting.ts";
import {
  type FileRef,
  INTERPOLATIONS,
  type Interpolation,
  isMini,
  type Job,
  type JobControlNet,
  type JobHeldFrame,
  type JobIpAdapter,
  type JobLora,
  type JobSparseCtrl,
  MINI,
  MINI_MOTION,
} from "./job.ts";

/** One line of JSON. Keys of settings are the schema's names or the options of the command line: `cfgScale` or `cfg`. */
export type JobJson = Readonly<Record<string, unknown>>;

/** Where the command line stands by default, too. */
const STRENGTH = 0.6;
const MOST_WEIGHT = 100;
const MODEL_KEYS = [
  ...["name", "checkpoint", "motion", "vae", "loras", "motionLoras", "embeddings", "controlNets", "sparseCtrl", "ipAdapter"],
  ...["heldFrames", "initVideo", "strength", "initLatents", "loraForm", "decode", "upscale", "interpolate"],
];

/**
 * One job a line; empty lines and lines that begin with # are passed over.
 * @throws ZoetropeError `job/…`; its message begins with the line's number
 */
export function parseJobLines(text: string): Job[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), number: i + 1 }));
  return lines
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, number }) => at(`Line ${number}`, () => parseJob(parseObject(line))));
}

/** Puts `place` before the message of an error from within. */
export function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof ZoetropeError)) throw thrown;
    throw new ZoetropeError(thrown.code, { message: `${place}: ${thrown.message}`, hint: thrown.hint, cause: thrown });
  }
}

/** @throws ZoetropeError `job/json` */
export function parseObject(line: string): JobJson {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new ZoetropeError("job/json", {
      message: "this is not JSON.",
      hint: 'Write each job on a line of its own, such as {"prompt": "a red heart", "seed": 7}.',
      cause,
    });
  }
  return objectIn("json", value, "a job");
}

/** @throws ZoetropeError `job/KEY`, or `settings/FLAG` for a value out of its range */
export function parseJob(json: JobJson, schema: Schema = settingsSchema): Job {
  const settings = readSettings(json, schema);
  const { prompt } = settings;
  if (prompt === undefined) refuse("prompt", '"prompt" is missing.', "Say what the clip shows.");
  const checkpoint = json.checkpoint == null ? MINI : fileRef("checkpoint", json.checkpoint);
  const optional = (key: string) => (json[key] == null ? null : fileRef(key, json[key]));
  const list = (key: string) => (json[key] == null ? [] : arrayIn(key, json[key]));
  const start = optional("initVideo");
  if (start === null && json.strength != null)
    refuse("strength", '"strength" needs an "initVideo".', "Add the pictures to begin with, or leave it out.");
  return {
    name: json.name == null ? null : textIn("name", json.name),
    settings: { ...settings, prompt },
    checkpoint,
    motion: readMotion(json, checkpoint),
    vae: optional("vae"),
    loras: list("loras").map((value) => lora("loras", value)),
    motionLoras: list("motionLoras").map((value) => lora("motionLoras", value)),
    embeddings: list("embeddings").map((value) => fileRef("embeddings", value)),
    controlNets: list("controlNets").map(controlNet),
    sparseCtrl: json.sparseCtrl == null ? null : sparseCtrl(json.sparseCtrl),
    ipAdapter: json.ipAdapter == null ? null : ipAdapter(json.ipAdapter),
    heldFrames: list("heldFrames").map(heldFrame),
    start: start === null ? null : { pictures: start, strength: share(json.strength ?? STRENGTH) },
    initLatents: json.initLatents === "none" ? "none" : optional("initLatents"),
    loraForm: oneOf("loraForm", json.loraForm, ["merged", "side-branch"]),
    decode: oneOf("decode", json.decode, ["whole", "tiles"]),
    upscale: optional("upscale"),
    interpolate: interpolation(json.interpolate ?? 1),
  };
}

/** The way back: `parseJob(writeJob(job))` is the job. */
export function writeJob(job: Job): JobJson {
  const { name, settings, motion, start, sparseCtrl, ipAdapter, interpolate, ...rest } = job;
  const said: Record<string, unknown> = { ...valuesOf(settings), ...rest, motion: motion ?? "none" };
  if (name !== null) said.name = name;
  if (sparseCtrl !== null) said.sparseCtrl = sparseCtrl;
  if (ipAdapter !== null) said.ipAdapter = ipAdapter;
  if (interpolate !== 1) said.interpolate = interpolate;
  if (start !== null) Object.assign(said, { initVideo: start.pictures, strength: start.strength });
  const empty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  const open = (key: string) => settingsSchema[key as keyof typeof settingsSchema] === undefined;
  return Object.fromEntries(Object.entries(said).filter(([key, value]) => value !== undefined && !(open(key) && empty(value))));
}

/** Name in the schema of a setting that a key means; undefined: none. */
export function settingName(key: string, schema: Schema = settingsSchema): string | undefined {
  return Object.hasOwn(schema, key) ? key : Object.keys(schema).find((name) => schema[name]!.flag === key);
}

/** Whether jobs have this key besides the settings. */
export function isJobKey(key: string): boolean {
  return MODEL_KEYS.includes(key);
}

/**
 * The same job with every setting under the schema's name, so that jobs can be laid over each other.
 * @throws ZoetropeError `job/KEY` when two keys say the same setting
 */
export function withNames(json: JobJson, schema: Schema = settingsSchema): JobJson {
  const saidBy = new Map<string, string>();
  for (const key of Object.keys(json)) {
    const name = settingName(key, schema) ?? key;
    const other = saidBy.get(name);
    if (other !== undefined) refuse(key, `"${other}" and "${key}" say the same setting.`, "Keep one of them.");
    saidBy.set(name, key);
  }
  return Object.fromEntries([...saidBy].map(([name, key]) => [name, json[key]]));
}

function readSettings(json: JobJson, schema: Schema): Partial<Job["settings"]> {
  const values: Record<string, SettingValue> = {};
  for (const [name, value] of Object.entries(withNames(json, schema))) {
    if (isJobKey(name)) continue;
    const setting = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (setting === undefined) {
      const hint = `A job's keys are the settings that zoetrope --help lists, and ${MODEL_KEYS.join(", ")}.`;
      return refuse(name, `there is no setting "${name}".`, hint);
    }
    values[name] = settingValue(name, setting, value);
  }
  if ((values.variation === undefined) !== (values.variationSeed === undefined))
    refuse("variation", '"variation" and "variationSeed" go together.', "Add the other, or leave both out.");
  const settings = settingsOf(values);
  checkRanges({ ...defaultSettings(schema), ...settings }, schema);
  return settings;
}

/** Its type; ranges are checked for all of them together. */
function settingValue(key: string, setting: Setting, value: unknown): SettingValue {
  switch (setting.kind) {
    case "number":
      return typeof value === "number" ? value : wrong(key, "a number", value);
    case "switch":
      return typeof value === "boolean" ? value : wrong(key, "true or false", value);
    case "list":
      return arrayIn(key, value).map((each) => keyframe(key, each));
    case "lanes":
      return arrayIn(key, value).map((each) => lane(key, each));
    case "choice":
      return value === null || typeof value === "string" ? value : wrong(key, "a text", value);
    case "text":
      return textIn(key, value);
  }
}

function keyframe(key: string, value: unknown): Keyframe {
  const { frame, text, easing } = only(key, value, ["frame", "text", "easing"]);
  const eased = oneOf("easing", easing, EASINGS);
  return { frame: frameIn(key, frame), text: textIn(key, text), ...(eased === null ? {} : { easing: eased }) };
}

/** "cfg=0:3,15:9" or an object */
function lane(key: string, value: unknown): Lane {
  if (typeof value === "string") return parseLane(value) ?? wrong(key, 'lanes such as "cfg=0:3,15:smooth:9"', value);
  const { target, keys } = only(key, value, ["target", "keys"]);
  const known = textIn("target", target);
  if (laneTarget(known) === null) wrong("target", LANE_WORDS, target);
  const read = arrayIn("keys", keys).map((each) => {
    const { frame, value: number, easing } = only("keys", each, ["frame", "value", "easing"]);
    const eased = oneOf("easing", easing, EASINGS);
    return { frame: frameIn("frame", frame), value: weightIn("value", number), ...(eased === null ? {} : { easing: eased }) };
  });
  if (read.length === 0) refuse(key, `The lane ${known} has no keys.`, "Give it at least one, or leave it out.");
  return { target: known, keys: read };
}

/** Mini's motion module moves Mini unless the job says otherwise; nothing moves another checkpoint. */
function readMotion({ motion }: JobJson, checkpoint: FileRef): FileRef | null {
  if (motion === undefined) return isMini(checkpoint) ? MINI_MOTION : null;
  return motion === null || motion === "none" ? null : fileRef("motion", motion);
}

/** "file.safetensors", {"path": "file.safetensors"} or {"id": "mini-robot"} */
function fileRef(key: string, value: unknown, others: readonly string[] = []): FileRef {
  if (typeof value === "string" && value !== "") return { path: value };
  const { path, id } = only(key, value, ["path", "id", ...others]);
  if ((path === undefined) === (id === undefined))
    refuse(key, `"${key}" needs either a path or an id.`, 'Write a file\'s path, or {"id": "…"} for a model of the shelf.');
  return path === undefined ? { id: nonEmpty(key, id) } : { path: nonEmpty(key, path) };
}

function lora(key: string, value: unknown): JobLora {
  const file = fileRef(key, value, ["weight", "textWeight", "blocks"]);
  const { weight, textWeight, blocks } = partsOf(value);
  return {
    ...file,
    weight: weightIn(key, weight ?? 1),
    ...(textWeight === undefined ? {} : { textWeight: weightIn(key, textWeight) }),
    ...(blocks === undefined ? {} : { blocks: blocksIn(key, blocks) }),
  };
}

function blocksIn(key: string, value: unknown): number[] {
  const blocks = arrayIn(key, value);
  if (blocks.length !== 26) refuse(key, `"blocks" takes 26 numbers; there are ${blocks.length}.`, "Give one for each block.");
  return blocks.map((block) => weightIn(key, block));
}

function controlNet(value: unknown): JobControlNet {
  const file = fileRef("controlNets", value, ["weight", "pictures", "preprocessor", "start", "end"]);
  const { weight, pictures, preprocessor, start, end } = partsOf(value);
  const shown = preprocessorIn(preprocessor);
  const [from, until] = [shareOfSteps("start", start ?? 0), shareOfSteps("end", end ?? 1)];
  if (from >= until) refuse("end", '"end" should lie behind "start".', "Give shares of the steps, such as 0 and 0.8.");
  return {
    ...file,
    weight: weightIn("controlNets", weight ?? 1),
    pictures: fileRef("pictures", pictures),
    ...(shown === null ? {} : { preprocessor: shown }),
    ...(start === undefined ? {} : { start: from }),
    ...(end === undefined ? {} : { end: until }),
  };
}

/** The name of a filter, or the file of a model that draws. */
function preprocessorIn(value: unknown): Preprocessor | FileRef | null {
  const isFile = typeof value === "string" ? /\.onnx$/i.test(value) : value != null;
  return isFile ? fileRef("preprocessor", value) : oneOf("preprocessor", value, PREPROCESSORS);
}

function shareOfSteps(key: string, value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : wrong(key, "a share of the steps from 0 to 1", value);
}

function ipAdapter(value: unknown): JobIpAdapter {
  const file = fileRef("ipAdapter", value, ["weight", "encoder", "pictures", "weightAt"]);
  const { weight, encoder, pictures, weightAt } = partsOf(value);
  const seen = arrayIn("pictures", pictures).map((picture) => fileRef("pictures", picture));
  if (seen.length === 0) refuse("pictures", '"pictures" is empty.', "Name at least one picture to look like.");
  const keys = weightAt == null ? [] : arrayIn("weightAt", weightAt);
  return {
    ...file,
    weight: weightIn("ipAdapter", weight ?? 1),
    encoder: fileRef("encoder", encoder),
    pictures: seen,
    ...(keys.length === 0
      ? {}
      : {
          weightAt: keys.map((each) => {
            const { frame, weight: own } = only("weightAt", each, ["frame", "weight"]);
            return { frame: frameIn("weightAt", frame), weight: weightIn("weightAt", own) };
          }),
        }),
  };
}

function sparseCtrl(value: unknown): JobSparseCtrl {
  const file = fileRef("sparseCtrl", value, ["weight", "frames"]);
  const { weight, frames } = partsOf(value);
  const pictures = arrayIn("frames", frames).map((each) => {
    const { frame, picture } = only("frames", each, ["frame", "picture"]);
    return { frame: frameIn("frames", frame), picture: fileRef("picture", picture) };
  });
  if (pictures.length === 0) refuse("frames", "a SparseCtrl needs at least one picture.", "Add its frame and picture.");
  return { ...file, weight: weightIn("sparseCtrl", weight ?? 1), frames: pictures };
}

function heldFrame(value: unknown): JobHeldFrame {
  const { frame, picture } = only("heldFrames", value, ["frame", "picture"]);
  return {
    frame: frame === "last" ? frame : frameIn("heldFrames", frame),
    picture: fileRef("picture", picture),
  };
}

function partsOf(value: unknown): JobJson {
  return typeof value === "object" && value !== null ? (value as JobJson) : {};
}

function only(key: string, value: unknown, keys: readonly string[]): JobJson {
  const object = objectIn(key, value, `"${key}"`);
  const other = Object.keys(object).find((each) => !keys.includes(each));
  if (other !== undefined) refuse(key, `"${key}" has no "${other}".`, `It takes ${keys.join(", ")}.`);
  return object;
}

function objectIn(key: string, value: unknown, who: string): JobJson {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JobJson;
  return refuse(key, `${who} should be an object; it is ${shown(value)}.`, "Write it in braces.");
}

function arrayIn(key: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : wrong(key, "a list", value);
}

function textIn(key: string, value: unknown): string {
  return typeof value === "string" ? value : wrong(key, "a text", value);
}

function nonEmpty(key: string, value: unknown): string {
  return typeof value === "string" && value !== "" ? value : wrong(key, "a text that is not empty", value);
}

function frameIn(key: string, value: unknown): number {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : wrong(key, "a frame's number, 0 or more", value);
}

function weightIn(key: string, value: unknown): number {
  const fits = typeof value === "number" && Math.abs(value) <= MOST_WEIGHT;
  return fits ? value : wrong(key, `a weight from -${MOST_WEIGHT} to ${MOST_WEIGHT}`, value);
}

function share(value: unknown): number {
  const fits = typeof value === "number" && value > 0 && value <= 1;
  return fits ? value : wrong("strength", "a number above 0 and at most 1", value);
}

function interpolation(value: unknown): Interpolation {
  return INTERPOLATIONS.find((each) => each === value) ?? wrong("interpolate", "1, 2 or 4", value);
}

function oneOf<T extends string>(key: string, value: unknown, allowed: readonly T[]): T | null {
  if (value == null) return null;
  return allowed.find((each) => each === value) ?? wrong(key, `one of ${allowed.join(", ")}`, value);
}

function wrong(key: string, wanted: string, value: unknown): never {
  return refuse(key, `"${key}" takes ${wanted}; it is ${shown(value)}.`, `Write ${wanted}.`);
}

function shown(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function refuse(key: string, message: string, hint: string): never {
  throw new ZoetropeError(`job/${key}`, { message, hint });
}
