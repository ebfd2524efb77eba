/**
 * Checks the settings of an animation before any work is done: each within what the schema allows, then against each other and
 * against the models. Each refusal is one sentence with what to do next.
 */

import { LANE_WORDS, laneTarget } from "../../core/animation/lanes.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { checkRanges, refuseSetting } from "../../core/settings/check.ts";
import { isWithin, rangeWords } from "../../core/settings/range.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import type { NumberSetting } from "../../core/settings/setting.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { ClipRequest } from "./clip-request.ts";

/** Pixels. */
const SMALLEST_PASS = 64;
/** Of a LoRA, a control or pictures. */
const MOST_WEIGHT = 100;

/** @throws ZoetropeError `settings/FLAG`, such as `settings/clip-skip` */
export function checkSettings(settings: RenderSettings, { motion, text, unet }: ModelSet): void {
  checkRanges(settings);
  checkUpTo(settingsSchema.clipSkip, settings.clipSkip, text.config.layers);
  checkKeyframes(settings);
  checkLanes(settings);
  if (settings.loop && motion === null) {
    refuseSetting(
      settingsSchema.loop,
      "A seamless loop needs a motion module, which lets the frames know of each other.",
      "Choose a motion module, or switch the loop off.",
    );
  }
  checkFirstPass(settings);
  checkGuidanceInterval(settings);
  const skips = unet.config.upLayers.reduce((a, b) => a + b, 0);
  if (settings.stepCache > 1) checkUpTo(settingsSchema.stepCacheBranch, settings.stepCacheBranch, skips - 1);
  if (settings.zeroMotion && unet.config.tunedOnClip) {
    refuseSetting(
      settingsSchema.zeroMotion,
      "Text2Video-Zero moves a picture; a UNet that was tuned on a clip has a movement of its own.",
      "Turn one of the two off.",
    );
  }
  if (settings.zeroMotion) checkZeroMotion(settings);
  else if (motion !== null) checkContext(settings, motion.config.maxFrames);
}

/** The frames part after a share of the steps, so a step must be one call of the network. */
function checkZeroMotion({ frames, steps, sampler, freeInit, hires, loop, stepCache }: RenderSettings): void {
  const refuse = (problem: string, hint: string): never =>
    refuseSetting(settingsSchema.zeroMotion, `Text2Video-Zero ${problem}.`, hint);
  if (frames < 2) refuse("moves a picture from frame to frame; the clip has one frame", "Choose two or more frames.");
  if (steps < 3) refuse(`needs 3 or more steps; there are ${steps}`, "Choose more steps.");
  if (/^(heun|pndm|dpmpp_sde)/.test(sampler)) refuse(`does not go together with the sampler ${sampler}`, "Choose DDIM or Euler.");
  const others = { FreeInit: freeInit > 1, Hires: hires !== 1, "a seamless loop": loop, "step caching": stepCache > 1 };
  for (const [name, on] of Object.entries(others))
    if (on) refuse(`does not go together with ${name}`, `Switch ${name} off, or Text2Video-Zero.`);
}

/** @throws ZoetropeError `settings/free-init`, `settings/hires`, `settings/text2video-zero` */
export function checkStart({
  settings,
  initVideo,
  initLatents,
}: Pick<ClipRequest, "settings" | "initVideo" | "initLatents">): void {
  if (settings.zeroMotion && (initVideo !== null || initLatents !== null)) {
    refuseSetting(
      settingsSchema.zeroMotion,
      "Text2Video-Zero begins from noise; it does not go together with pictures or latents to begin with.",
      "Leave them out, or turn Text2Video-Zero off.",
    );
  }
  if (settings.hires !== 1 && (initVideo !== null || initLatents !== null)) {
    refuseSetting(
      settingsSchema.hires,
      "Hires draws the clip small first; it does not go together with pictures or latents to begin with.",
      "Set Hires to 1, or leave out what the clip begins with.",
    );
  }
  if (settings.freeInit === 1 || initVideo === null) return;
  refuseSetting(
    settingsSchema.freeInit,
    "FreeInit samples again and again from noise; it does not go together with a picture or video to begin with.",
    "Set FreeInit to 1 or leave the picture out.",
  );
}

/** @throws ZoetropeError `settings/held-frame`, `settings/text2video-zero` */
export function checkHeldFrames({ settings, heldFrames = [] }: Pick<ClipRequest, "settings" | "heldFrames">): void {
  const refuse = (message: string, hint: string): never => {
    throw new ZoetropeError("settings/held-frame", { message, hint });
  };
  const seen = new Set<number>();
  for (const { frame } of heldFrames) {
    if (frame >= settings.frames)
      refuse(
        `A picture is given for frame ${frame}, but the clip has frames 0 to ${settings.frames - 1}.`,
        "Move it inside the clip.",
      );
    if (seen.has(frame)) refuse(`Two pictures are given for frame ${frame}.`, "Keep one of them, or make the clip longer.");
    seen.add(frame);
  }
  if (heldFrames.length > 0 && settings.zeroMotion)
    refuseSetting(
      settingsSchema.zeroMotion,
      "Text2Video-Zero draws all frames from the first; it does not go together with frames that are given.",
      "Leave the pictures out, or turn Text2Video-Zero off.",
    );
}

function checkFirstPass({ hires, width, height }: RenderSettings): void {
  const shorter = Math.min(width, height);
  if (shorter / hires >= SMALLEST_PASS || hires === 1) return;
  refuseSetting(
    settingsSchema.hires,
    `At ${hires} times smaller the first pass would be ${Math.round(shorter / hires)} pixels; it needs ${SMALLEST_PASS}.`,
    "Choose a larger picture or a lower factor.",
  );
}

/** One at the clip's end, where no frame is, has the last frames go over to its prompt. */
function checkKeyframes({ promptAt, frames }: RenderSettings): void {
  for (const { frame } of promptAt) {
    if (Number.isInteger(frame) && frame >= 0 && frame <= frames) continue;
    refuseSetting(
      settingsSchema.promptAt,
      `A prompt is set for frame ${frame}, but the clip has frames 0 to ${frames - 1}.`,
      "Move it inside the clip.",
    );
  }
}

/** What a lane changes is checked where it is known: LoRAs in lora-lanes.ts, controls and pictures in `checkLaneTargets`. */
function checkLanes({ lanes, frames, zeroMotion }: RenderSettings): void {
  const seen = new Set<string>();
  for (const { target, keys } of lanes) {
    const late = keys.find(({ frame }) => frame > frames);
    const refuse = (problem: string, hint: string): never =>
      refuseSetting(settingsSchema.lanes, `The lane ${target} ${problem}.`, hint);
    if (late !== undefined)
      refuse(`has a key on frame ${late.frame}, but the clip has frames 0 to ${frames - 1}`, "Move it inside the clip.");
    const own = target.toLowerCase().replace(/^control\.1$/, "control");
    if (seen.has(own)) refuse("is there twice", "Put its keys into one.");
    seen.add(own);
    const what = laneTarget(target);
    if (what === null) refuse("changes nothing that is known", `It can be ${LANE_WORDS}.`);
    const { min, max } = what!.kind === "cfg" ? settingsSchema.cfgScale : { min: -MOST_WEIGHT, max: MOST_WEIGHT };
    const odd = keys.find(({ value }) => value < min || value > max);
    if (odd !== undefined) refuse(`goes to ${odd.value}, outside ${min} to ${max}`, "Choose another value.");
    if (what!.kind === "lora" && zeroMotion)
      refuse("does not go together with Text2Video-Zero, whose frames look at the first one", "Take one of them off.");
  }
}

/** @throws ZoetropeError `settings/lane` for a lane of a control or of pictures that the clip does not have */
export function checkLaneTargets({
  settings,
  controls,
  likeness,
}: Pick<ClipRequest, "settings" | "controls" | "likeness">): void {
  for (const { target } of settings.lanes) {
    const what = laneTarget(target);
    const missing =
      (what?.kind === "control" && what.index >= controls.length) || (what?.kind === "likeness" && (likeness ?? null) === null);
    if (!missing) continue;
    const which = what?.kind === "control" ? `control ${what.index + 1}` : "pictures to look like";
    refuseSetting(
      settingsSchema.lanes,
      `A lane changes the weight of ${which}, which the clip does not have.`,
      "Add it, or take the lane off.",
    );
  }
}

function checkGuidanceInterval({ guidanceStart, guidanceEnd }: RenderSettings): void {
  if (guidanceStart <= guidanceEnd) return;
  refuseSetting(
    settingsSchema.guidanceStart,
    `CFG would start at ${guidanceStart}, after its end at ${guidanceEnd}.`,
    "Lower CFG start or raise CFG end; CFG 1 does without guidance.",
  );
}

function checkContext({ frames, contextLength, contextOverlap }: RenderSettings, maxFrames: number): void {
  const window = Math.min(frames, contextLength);
  if (window > maxFrames) {
    refuseSetting(
      settingsSchema.contextLength,
      `This motion module knows ${maxFrames} frames at most; ${window} would have to be seen at once.`,
      `Set the context length to ${maxFrames} or less; longer clips are then made of overlapping windows.`,
    );
  }
  if (frames > contextLength) checkUpTo(settingsSchema.contextOverlap, contextOverlap, contextLength - 1);
}

/** The models or other settings allow less than the schema does. */
function checkUpTo(setting: NumberSetting, value: number, max: number): void {
  const range = { ...setting, max };
  if (isWithin(value, range)) return;
  refuseSetting(setting, `${setting.label} must be ${rangeWords(range)}; it is ${value}.`, `Choose ${rangeWords(range)}.`);
}
