/** `zoetrope render`: runs the page's pipeline headless and writes its frames to files. */

import { hasGuidance } from "../core/animation/clip-lanes.ts";
import { type MemoryPlan, type ModelSize, planMemory } from "../core/animation/memory.ts";
import { unreadNotices } from "../core/prompt/unread-syntax.ts";
import { withWildcards } from "../core/prompt/wildcards.ts";
import { defaultSettings, type RenderSettings } from "../core/settings/render-settings.ts";
import { toRgba } from "../media/pixels.ts";
import { settingsText } from "../media/settings-text.ts";
import type { RenderEvent } from "../protocol/render.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";
import { modelSize } from "../runtime/compose/model-size.ts";
import { checkSettings } from "../runtime/pipeline/check-settings.ts";
import type { ClipEvent } from "../runtime/pipeline/clip-event.ts";
import { previewRgba } from "../runtime/pipeline/preview.ts";
import { renderClip } from "../runtime/pipeline/render-clip.ts";
import type { RenderArguments } from "./arguments.ts";
import { smoothClip, upscaledClip } from "./finished-clip.ts";
import { readControls, readHeldFrames, readLikeness, readStart } from "./given-pictures.ts";
import { unknownWordNotices } from "./known-words.ts";
import { memoryWarning } from "./memory.ts";
import { type Clip, checkFrames, outputFormat, outputNotice, writeClip, writeDump } from "./output.ts";
import { Dump } from "./render-dump.ts";
import { RenderTools } from "./render-tools.ts";
import { resolveSettings, speedNotice } from "./settings.ts";
import { openLatents } from "./start-latents.ts";

/** Side of the tiles of `--decode tiles`. */
const ASKED_TILE_PIXELS = 512;

/** Printed by `--json`. */
export interface RenderReport {
  readonly out: string;
  readonly settings: RenderSettings;
  readonly notices: readonly string[];
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** Where a render stands. Once the clip is drawn, `upscale` counts the pictures that the super-resolution model has made. */
export type RenderProgress =
  | Extract<ClipEvent, { readonly type: "phase" | "progress" | "notice" }>
  | { readonly type: "progress"; readonly phase: "upscale"; readonly done: number; readonly total: number };

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
  else if (event.phase === "upscale" && event.done > 0) log(`upscale ${event.done} of ${event.total}`);
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
  const upscaler = args.upscale === null ? null : await tools.upscaler(args.upscale);
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
  const drawn = await upscaledClip({ ...head, frames }, upscaler, signal, (done) =>
    report({ type: "progress", phase: "upscale", done, total: frames.length }),
  );
  return {
    clip: smoothClip(drawn, { factor: args.interpolate, round: settings.loop }),
    report: { out: args.out, settings, notices: said, timingsMs },
  };
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
