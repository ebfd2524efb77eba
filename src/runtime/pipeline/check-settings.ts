/** Checks a rendering's settings against the models before any work is done. Each refusal is one sentence with what to do next. */

import { SAMPLER_NAMES } from "../../core/diffusion/sampler.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";

const MAX_FRAMES = 1024;
const MAX_SIDE = 2048;
const MAX_PROMPT = 100_000;

/** @throws ZoetropeError `settings/…` */
export function checkSettings(s: RenderSettings, { motion, text }: ModelSet): void {
  whole("frames", s.frames, 1, MAX_FRAMES, "frames");
  side("width", s.width);
  side("height", s.height);
  whole("steps", s.steps, 1, 1000, "steps");
  whole("clip-skip", s.clipSkip, 1, text.config.layers, "layers to skip to");
  if (!(s.cfgScale >= 0 && s.cfgScale <= 100))
    refuse("cfg", `The CFG scale must be from 0 to 100; it is ${s.cfgScale}.`, "Usual values are 1 to 12.");
  if (!(s.fps > 0 && s.fps <= 100))
    refuse("fps", `The frame rate must be above 0 and at most 100; it is ${s.fps}.`, "8 is usual.");
  if (!SAMPLER_NAMES.includes(s.sampler))
    refuse("sampler", `There is no sampler called ${s.sampler}.`, `Choose one of ${SAMPLER_NAMES.join(", ")}.`);
  if (!Number.isSafeInteger(s.seed) || s.seed < 0)
    refuse("seed", `The seed must be a whole number from 0 to 2^53; it is ${s.seed}.`, "Choose another seed.");
  const { variation } = s;
  if (variation !== undefined && !(variation.strength >= 0 && variation.strength <= 1))
    refuse("variation", `The variation must be from 0 to 1; it is ${variation.strength}.`, "0.1 gives a close relative.");
  if (variation !== undefined && (!Number.isSafeInteger(variation.seed) || variation.seed < 0))
    refuse("variation", `The variation seed must be a whole number from 0 to 2^53; it is ${variation.seed}.`, "Choose another.");
  if (s.prompt.length > MAX_PROMPT)
    refuse("prompt", `The prompt has ${s.prompt.length} characters; at most ${MAX_PROMPT} are read.`, "Shorten it.");
  for (const { frame } of s.promptAt) {
    if (!Number.isInteger(frame) || frame < 0 || frame >= s.frames) {
      refuse(
        "prompt-at",
        `A prompt is set for frame ${frame}, but the clip has frames 0 to ${s.frames - 1}.`,
        "Move it inside the clip.",
      );
    }
  }
  if (motion === null) return;
  whole("context-length", s.contextLength, 1, MAX_FRAMES, "frames of context");
  const window = Math.min(s.frames, s.contextLength);
  if (window > motion.config.maxFrames) {
    refuse(
      "context-length",
      `This motion module knows ${motion.config.maxFrames} frames at most; ${window} would have to be seen at once.`,
      `Set the context length to ${motion.config.maxFrames} or less; longer clips are then made of overlapping windows.`,
    );
  }
  if (s.frames > s.contextLength) whole("context-overlap", s.contextOverlap, 0, s.contextLength - 1, "frames of overlap");
}

function side(name: string, value: number): void {
  if (Number.isInteger(value) && value % 8 === 0 && value >= 64 && value <= MAX_SIDE) return;
  refuse(
    name,
    `The ${name} must be a multiple of 8 from 64 to ${MAX_SIDE} pixels; it is ${value}.`,
    "512 is what most SD 1.x models were trained on.",
  );
}

function whole(name: string, value: number, min: number, max: number, unit: string): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  refuse(
    name,
    `The number of ${unit} must be a whole number from ${min} to ${max}; it is ${value}.`,
    `Choose a value from ${min} to ${max}.`,
  );
}

function refuse(name: string, message: string, hint: string): never {
  throw new ZoetropeError(`settings/${name}`, { message, hint });
}
