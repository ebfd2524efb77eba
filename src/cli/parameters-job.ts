/** "Parameters" text as a job. It names models as people do, not by their files, so those that do not ship with Zoetrope come from options. */

import { ZoetropeError } from "../core/errors.ts";
import { valuesOf } from "../core/settings/render-settings.ts";
import type { JobJson } from "../jobs/parse-job.ts";
import type { ReadJob } from "../jobs/prompt-travel.ts";
import { parseSettingsText, type RestoredSettings } from "../media/settings-text.ts";
import { MINI_CHECKPOINTS } from "../models/mini.ts";
import { loraByName } from "./job-arguments.ts";

/** On the page, and as the command line calls it by its folder. */
const MINI_MOTION_NAME = /^(mini|mini motion|motion_adapter)$/i;

/**
 * @param shared what the command line says, which has the last word
 * @throws ZoetropeError `job/parameters`
 */
export function parametersJob(text: string, shared: JobJson, loraDir: string): ReadJob {
  const read = parseSettingsText(text);
  if (read === null) refuse("This text holds no settings.", 'It should have a line such as "Steps: 20, Sampler: DDIM, Seed: 7".');
  const notices: string[] = [];
  if (read.unread.length > 0) notices.push(`Not used: ${read.unread.join(", ")}.`);
  if (read.otherSampler !== undefined)
    notices.push(
      `The sampler "${read.otherSampler}" is not one of ours${read.settings.sampler ? `; ${read.settings.sampler} is used` : ""}.`,
    );
  if (read.start != null && shared.initVideo === undefined)
    refuse(`The clip began with the picture ${read.start.name}, which the text does not hold.`, "Give it with --init-video.");
  const [control] = read.controls ?? [];
  if (control !== undefined && shared.controlNets === undefined && shared.sparseCtrl === undefined)
    refuse(
      `The clip followed the picture ${control.name}, which the text does not hold.`,
      "Give --controlnet or --sparsectrl, and its pictures.",
    );
  if (read.likeness != null && shared.ipAdapter === undefined)
    refuse(
      `The clip looked like the picture ${read.likeness.name}, which the text does not hold.`,
      "Give --ip-adapter, --image-encoder and --ip-image.",
    );
  return { json: { ...fromOtherTool(read), ...valuesOf(read.settings), ...models(read, shared, loraDir), ...shared }, notices };
}

/** Texts made here say how brackets and long prompts are read; the web UIs read them so without saying it. */
function fromOtherTool({ settings }: RestoredSettings): JobJson {
  return settings.promptSyntax === undefined ? { promptSyntax: "a1111", longPrompts: "chunk" } : {};
}

function models({ checkpoint, motion, vae, loras }: RestoredSettings, shared: JobJson, loraDir: string): JobJson {
  const mini = MINI_CHECKPOINTS.find(({ name }) => name.toLowerCase() === checkpoint?.toLowerCase());
  if (checkpoint !== undefined && mini === undefined && shared.checkpoint === undefined)
    refuse(`The text names the checkpoint "${checkpoint}".`, "Give its file with --checkpoint.");
  if (motion != null && !MINI_MOTION_NAME.test(motion) && shared.motion === undefined)
    refuse(`The text names the motion module "${motion}".`, "Give its file with --motion.");
  if (vae != null && shared.vae === undefined) refuse(`The text names the VAE "${vae}".`, "Give its file with --vae.");
  return {
    ...(mini === undefined ? {} : { checkpoint: { id: mini.id } }),
    ...(motion === null
      ? { motion: "none" }
      : motion === undefined || shared.motion !== undefined
        ? {}
        : { motion: { id: "mini-motion" } }),
    ...(loras.length === 0 ? {} : { loras: loras.map(({ name, weight }) => ({ ...loraByName(loraDir, name), weight })) }),
  };
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("job/parameters", { message, hint });
}
