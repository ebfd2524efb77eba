/** `zoetrope render`: runs the page's pipeline headless and writes its frames to files. */

import { hasGuidance } from "../core/animation/clip-lanes.ts";
import { type MemoryPlan, type ModelSize, planMemory } from "../core/animation/memory.ts";
import { ZoetropeError } from "../core/errors.ts";
import { SmoothFrames, type Smoothness } from "../core/interpolate/smooth-frames.ts";
import { preprocessClip, preprocessorNotice } from "../core/preprocess/preprocess.ts";
import { unreadNotices } from "../core/prompt/unread-syntax.ts";
import { withWildcards } from "../core/prompt/wildcards.ts";
import { defaultSettings, type RenderSettings } from "../core/settings/render-settings.ts";
import { openTensorFile } from "../formats/open-tensor-file.ts";
import { toRgba } from "../media/pixels.ts";
import { settingsText } from "../media/settings-text.ts";
import type { RenderEvent } from "../protocol/render.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { modelSize } from "../runtime/compose/model-size.ts";
import type { Upscaler } from "../runtime/engine/run-upscaler.ts";
import { annotateWithFile } from "../runtime/node/annotator.ts";
import { fileSource } from "../runtime/node/file-source.ts";
import { openUpscalerFile } from "../runtime/node/upscaler.ts";
import { checkSettings } from "../runtime/pipeline/check-settings.ts";
import type { ClipEvent, LatentSize } from "../runtime/pipeline/clip-event.ts";
import type { HeldFrame, Hint, HintedControl, HintPicture, Likeness } from "../runtime/pipeline/clip-request.ts";
import { checkLatents, clipLatents, latentDims } from "../runtime/pipeline/given-latents.ts";
import { previewRgba } from "../runtime/pipeline/preview.ts";
import { renderClip } from "../runtime/pipeline/render-clip.ts";
import type { RenderArguments } from "./arguments.ts";
import { unknownWordNotices } from "./known-words.ts";
import { memoryWarning } from "./memory.ts";
import { type OpenedModels, openLikeness } from "./models.ts";
import { type Clip, checkFrames, type DumpTensor, outputFormat, outputNotice, writeClip, writeDump } from "./output.ts";
import { readPictures, readRgb } from "./pictures.ts";
import { RenderTools } from "./render-tools.ts";
import { resolveSettings, speedNotice } from "./settings.ts";

/** Side of the tiles of `--decode tiles`. */
const ASKED_TILE_PIXELS = 512;

/** Printed by `--json`. */
export interface RenderReport {
  readonly out: string;
  readonly settings: RenderSettings;
  readonly notices: readonly string[];
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** Where a render stands. */
export type RenderProgress = Extract<ClipEvent, { readonly type: "phase" | "progress" | "notice" }>;

/** @param log receives progress, one line at a time */
export async function render(args: RenderArguments, signal: AbortSignal, log: (line: string) => void): Promise<RenderReport> {
  // One clip needs each session in one phase only, so none stays warm.
  const tools = new RenderTools(args, 0);
  try {
    return await renderWith(tools, args, signal, (event) => logProgress(event, log));
  } finally {
    await tools.dispose();
  }
}

function logProgress(event: RenderProgress, log: (line: string) => void): void {
  if (event.type === "notice") log(event.message);
  else if (event.type === "phase") log(event.phase);
  else if (event.phase === "denoise" && event.done > 0) log(`step ${event.done} of ${event.total}`);
}

/** The whole clip in rough colours, after a step. */
export type RenderPreview = Extract<RenderEvent, { readonly type: "preview" }>;

/**
 * Renders into a file with tools that other renders may have warmed.
 * @param preview absent: nobody looks, and no previews are made
 */
export async function renderWith(
  tools: RenderTools,
  args: RenderArguments,
  signal: AbortSignal,
  report: (event: RenderProgress) => void,
  preview?: (event: RenderPreview) => void,
): Promise<RenderReport> {
  const { clip, report: said } = await makeClip(tools, args, signal, report, preview);
  await writeClip(clip, args.out, outputFormat(args.out));
  return said;
}

/** Renders with tools that other renders may have warmed. Nothing but the tensors of a dump is written. */
export async function makeClip(
  tools: RenderTools,
  given: RenderArguments,
  signal: AbortSignal,
  report: (event: RenderProgress) => void,
  preview?: (event: RenderPreview) => void,
): Promise<{ readonly clip: Clip; readonly report: RenderReport }> {
  const args = { ...given, settings: chosenWildcards(given.settings) };
  const format = outputFormat(args.out);
  const [opened, tokenizer] = await Promise.all([tools.models(args), tools.tokenizer()]);
  const { models, notices, names } = opened;
  const settings = resolveSettings(args, models);
  checkSettings(settings, models);
  checkFrames(args.out, format, settings.frames);
  const said: string[] = [];
  const say = (notice: string | null) => {
    if (notice === null) return;
    said.push(notice);
    report({ type: "notice", message: notice });
  };
  const unknown = await unknownWordNotices(settings, opened.words);
  for (const notice of [...notices, ...unreadNotices(settings), ...unknown]) say(notice);
  if (settings.prompt !== given.settings.prompt) say(`The seed chose: ${settings.prompt}`);
  say(unusedNegative(settings));
  say(speedNotice(args, settings, models));
  say(outputNotice(format, settings.fps * args.interpolate));
  const initLatents = await openLatents(args, opened, settings);
  const initVideo =
    args.initVideo === null ? null : { frames: await readStart(args.initVideo, settings, say), strength: args.strength };
  // Before anything is drawn, so that a file that is no such model is refused at once.
  const upscaler = args.upscale === null ? null : await openUpscalerFile(args.upscale);
  const heldFrames = await readHeldFrames(args, settings, say);
  const controls = await readControls(args, models, settings, say, signal);
  const likeness = await readLikeness(args, models);
  const size = modelSize(models, settings.precision);
  const plan = decodePlan(args, settings, models, size);
  const { decodeTile } = plan;
  const { backend, notice } = await tools.backend();
  say(notice);
  say(plan.reason);
  say(backend.kind === "cpu" ? memoryWarning(settings, size, plan, process.availableMemory()) : null);
  const engine = await tools.engine();
  await tools.sweep(opened);
  const head = { width: settings.width, height: settings.height, fps: settings.fps, settings: settingsText(settings, names) };
  const frames: Uint8ClampedArray<ArrayBuffer>[] = [];
  const dump = args.dump === null ? null : new Dump(settings, models);
  let timingsMs: RenderReport["timingsMs"] = {};
  const request = { settings, models, initLatents, initVideo, heldFrames, controls, likeness, decodeTile };
  for await (const event of renderClip(request, { engine, tokenizer, signal })) {
    dump?.take(event);
    if (event.type === "frame") frames[event.index] = toRgba(event.pixels);
    else if (event.type === "phase" || event.type === "progress") report(event);
    else if (event.type === "notice") say(event.message);
    else if (event.type === "step") preview?.(roughClip(event, settings, models));
    else if (event.type === "done") timingsMs = event.timingsMs;
  }
  if (args.dump !== null) await writeDump(dump!.tensors, args.dump);
  const drawn = await upscaledClip({ ...head, frames }, upscaler, signal);
  return {
    clip: smoothClip(drawn, { factor: args.interpolate, round: settings.loop }),
    report: { out: args.out, settings, notices: said, timingsMs },
  };
}

/** The clip as large as the super-resolution model makes it. */
async function upscaledClip(clip: Clip, upscaler: Upscaler | null, signal: AbortSignal): Promise<Clip> {
  if (upscaler === null) return clip;
  const { width, height } = clip;
  const frames: Clip["frames"][number][] = [];
  for (const frame of clip.frames) {
    signal.throwIfAborted();
    const area = width * height;
    const pixels = Float32Array.from({ length: 3 * area }, (_, i) => frame[4 * (i % area) + Math.floor(i / area)]! / 255);
    frames.push(toRgba((await upscaler.upscale(pixels, clip)).map((x) => 2 * x - 1)));
  }
  await upscaler.release();
  return { ...clip, width: upscaler.factor * width, height: upscaler.factor * height, frames };
}

/** The clip with the pictures between its frames, at as many times its rate. */
function smoothClip(clip: Clip, smoothness: Smoothness): Clip {
  const smooth = new SmoothFrames(clip, smoothness);
  const frames = [...clip.frames.flatMap((frame) => smooth.add(frame)), ...smooth.end()];
  return { ...clip, frames, fps: clip.fps * smoothness.factor };
}

/** A single picture begins every frame; a video keeps its own frames, of which the pipeline checks the number. */
/** In [-1, 1]; the pictures of a still or a shorter video come again in turn. */
async function readStart(path: string, settings: RenderSettings, say: (notice: string) => void): Promise<Float32Array[]> {
  const pictures = (await readPictures(path, settings, say)).map((pixels) => pixels.map((x) => 2 * x - 1));
  return inTurn(path, pictures, settings.frames, say);
}

/** The first picture of each file, in [-1, 1]. */
async function readHeldFrames(
  { heldFrames }: RenderArguments,
  settings: RenderSettings,
  say: (notice: string) => void,
): Promise<HeldFrame[]> {
  const read = heldFrames.map(async ({ frame, picture }) => {
    const [pixels] = await readPictures(picture, { ...settings, frames: 1 }, say);
    return { frame: frame === "last" ? settings.frames - 1 : frame, pixels: pixels!.map((x) => 2 * x - 1) };
  });
  return Promise.all(read);
}

function inTurn(path: string, pictures: readonly Float32Array[], frames: number, say: (notice: string) => void): Float32Array[] {
  if (pictures.length > 1 && pictures.length < frames)
    say(`${path} holds ${pictures.length} pictures for ${frames} frames: they come again in turn.`);
  return Array.from({ length: frames }, (_, frame) => pictures[frame % pictures.length]!);
}

/** The words that the seed chooses, before models are opened, because prompts call LoRAs. */
function chosenWildcards(given: Partial<RenderSettings>): Partial<RenderSettings> {
  const { prompt, negative, promptAt } = withWildcards({ ...defaultSettings(), ...given });
  return { ...given, prompt, negative, promptAt };
}

function roughClip(
  { step, steps, size, denoised }: Extract<ClipEvent, { readonly type: "step" }>,
  { frames }: RenderSettings,
  { family }: ModelSet,
): RenderPreview {
  const pixels = previewRgba(denoised, frames, family.preview);
  return { type: "preview", step, steps, frames, ...size, pixels };
}

/** The page says this beside the field. */
function unusedNegative(settings: RenderSettings): string | null {
  const { negative, cfgScale } = settings;
  return negative.trim() === "" || hasGuidance(settings) ? null : `The negative prompt is not read at CFG ${cfgScale}.`;
}

function decodePlan({ decode }: RenderArguments, settings: RenderSettings, { family }: ModelSet, size: ModelSize): MemoryPlan {
  if (decode !== null) return { decodeTile: decode === "tiles" ? ASKED_TILE_PIXELS / family.vaeFactor : null, reason: null };
  return planMemory(settings, size, process.availableMemory());
}

/** Collects the tensors that parity is measured on. */
class Dump {
  readonly tensors: DumpTensor[] = [];
  readonly #latentShape: readonly number[];
  readonly #frames: Float32Array;
  readonly #framesShape: readonly number[];

  constructor(settings: RenderSettings, models: ModelSet) {
    const { frames, width, height } = settings;
    this.#latentShape = latentDims(settings, models);
    this.#framesShape = [frames, 3, height, width];
    this.#frames = room(frames * 3 * height * width);
  }

  take(event: ClipEvent): void {
    switch (event.type) {
      case "text":
        this.tensors.push({ name: "text.cond", shape: event.shape, data: event.cond });
        if (event.uncond !== null) this.tensors.push({ name: "text.uncond", shape: event.shape, data: event.uncond });
        break;
      case "start":
        // A second pass begins with noise of its own, which nothing is measured on.
        if (this.tensors.some(({ name }) => name === "latents.init")) break;
        this.tensors.push({ name: "latents.init", shape: this.#shape(event.size), data: event.latents });
        break;
      case "step":
        this.tensors.push({
          name: `latents.step.${String(event.step).padStart(3, "0")}`,
          shape: this.#shape(event.size),
          data: event.latents,
        });
        if (event.step === event.steps - 1)
          this.tensors.push({ name: "latents.final", shape: this.#shape(event.size), data: event.latents });
        break;
      case "frame":
        this.#frames.set(event.pixels, event.index * event.pixels.length);
        break;
      case "done":
        this.tensors.push({ name: "frames", shape: this.#framesShape, data: this.#frames });
        break;
    }
  }

  #shape({ width, height }: LatentSize): readonly number[] {
    return [...this.#latentShape.slice(0, 2), height, width];
  }
}

function room(numbers: number): Float32Array {
  try {
    return new Float32Array(numbers);
  } catch (cause) {
    throw new ZoetropeError("dump/too-large", {
      message: `--dump would hold ${Math.round((4 * numbers) / 1e9)} GB of frames, more than this process can have.`,
      hint: "Make fewer or smaller frames, or leave --dump out.",
      cause,
    });
  }
}

async function readLikeness({ ipAdapter }: RenderArguments, models: ModelSet): Promise<Likeness | null> {
  if (ipAdapter === null) return null;
  const opened = await openLikeness(ipAdapter, models);
  const { weight, weightAt } = ipAdapter;
  return { ...opened, weight, weightAt, pictures: await Promise.all(ipAdapter.images.map(readRgb)) };
}

async function readControls(
  args: RenderArguments,
  models: ModelSet,
  settings: RenderSettings,
  say: (notice: string) => void,
  signal: AbortSignal,
): Promise<HintedControl[]> {
  const hints = await readHints(args, settings, say, signal);
  return models.controls.map((control, i) => ({ control, hint: hints[i]! }));
}

/** In the order that `openModels` opens control models in: ControlNets first, then the SparseCtrl. */
async function readHints(
  { controlNets, sparseCtrl }: RenderArguments,
  settings: RenderSettings,
  say: (notice: string) => void,
  signal: AbortSignal,
): Promise<Hint[]> {
  const hints: Hint[] = [];
  for (const { images, weight, during, preprocessor, annotator } of controlNets) {
    const pictures = await readPictures(images, settings, say);
    const shown =
      annotator !== undefined
        ? await annotateWithFile(annotator, pictures, settings, signal)
        : preprocessClip(preprocessor, pictures, settings.width, settings.height);
    const notice = preprocessorNotice(preprocessor, pictures.length);
    if (notice !== null) say(notice);
    hints.push({ weight, during, pictures: wholeClip(images, shown, settings.frames, say) });
  }
  if (sparseCtrl !== null) {
    const pictures = sparseCtrl.frames.map(async ({ frame, image }) => ({
      frame,
      pixels: (await readPictures(image, { ...settings, frames: 1 }, say))[0]!,
    }));
    hints.push({ weight: sparseCtrl.weight, pictures: await Promise.all(pictures) });
  }
  return hints;
}

/** One picture for every frame, or one each. */
function wholeClip(
  path: string,
  pictures: readonly Float32Array[],
  frames: number,
  say: (notice: string) => void,
): HintPicture[] {
  if (pictures.length === 1) return [{ frame: null, pixels: pictures[0]! }];
  return inTurn(path, pictures, frames, say).map((pixels, frame) => ({ frame, pixels }));
}

/** Named latents, else those that came with the models, unless a picture is to begin with or "none" asks for the seed's noise. */
async function openLatents(
  { initLatents, initVideo }: RenderArguments,
  { models, latents }: OpenedModels,
  settings: RenderSettings,
): Promise<Float32Array | null> {
  if (initLatents !== null && initLatents !== "none") return readLatents(initLatents, settings, models);
  if (initLatents === "none" || initVideo !== null) return null;
  return clipLatents(latents, settings, models);
}

async function readLatents(path: string, settings: RenderSettings, models: ModelSet): Promise<Float32Array> {
  const file = await openTensorFile(await fileSource(path));
  checkLatents(`The tensor "latents" of ${path}`, file.tensors.get("latents")?.shape, settings, models);
  return file.readFloat32("latents");
}
