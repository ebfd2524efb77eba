/** A job as arguments of a render on this machine. */

import { existsSync } from "node:fs";
import { join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { ZoetropeError } from "../core/errors.ts";
import { sameLora } from "../core/prompt/called-loras.ts";
import { withCalledLoras } from "../jobs/called-loras.ts";
import { type FileRef, isMini, type Job, mapFiles } from "../jobs/job.ts";
import { MINI_CHECKPOINT_FILES, MINI_CHECKPOINTS, MINI_LORAS } from "../models/mini.ts";
import { SHIPPED_UPSCALER } from "../models/shipped-upscaler.ts";
import type { ContentIds } from "../runtime/node/content-id.ts";
import type { RenderArguments } from "./arguments.ts";
import { fileInFolder, publicPath } from "./models.ts";

/** The parts of a render that do not change what the clip looks like. */
export type RunArguments = Pick<RenderArguments, "backend" | "threads" | "cache" | "out" | "dump" | "json">;

/**
 * @param job its files by path, or by the id of a model that ships with Zoetrope
 * @throws ZoetropeError `job/unknown-id`
 */
export async function renderArguments(job: Job, run: RunArguments): Promise<RenderArguments> {
  const mini = isMini(job.checkpoint);
  const ownMotion = job.motion !== null && "id" in job.motion && job.motion.id === "mini-motion";
  const {
    checkpoint,
    motion,
    vae,
    loras,
    motionLoras,
    embeddings,
    controlNets,
    sparseCtrl,
    ipAdapter,
    heldFrames,
    start,
    initLatents,
    upscale,
  } = await mapFiles(job, async (ref) => ({ path: pathOf(ref) }));
  return {
    settings: job.settings,
    checkpoint: mini ? null : pathOf(checkpoint),
    motion: motion === null ? "none" : mini && ownMotion ? null : pathOf(motion),
    vae: vae && pathOf(vae),
    loras: loras.map(withPath),
    motionLoras: motionLoras.map(withPath),
    // Called LoRAs are among the job's own, so that no folder is searched again.
    loraDir: ".",
    loraForm: job.loraForm,
    embeddings: embeddings.map(pathOf),
    controlNets: controlNets.map((net) => ({
      path: pathOf(net),
      weight: net.weight,
      ...(typeof net.preprocessor === "object"
        ? { preprocessor: "none" as const, annotator: pathOf(net.preprocessor) }
        : { preprocessor: net.preprocessor ?? "none" }),
      during: { start: net.start ?? 0, end: net.end ?? 1 },
      images: pathOf(net.pictures),
    })),
    ipAdapter: ipAdapter && {
      path: pathOf(ipAdapter),
      weight: ipAdapter.weight,
      encoder: pathOf(ipAdapter.encoder),
      images: ipAdapter.pictures.map(pathOf),
      weightAt: ipAdapter.weightAt ?? [],
    },
    upscale: upscale && pathOf(upscale),
    interpolate: job.interpolate,
    sparseCtrl: sparseCtrl && {
      path: pathOf(sparseCtrl),
      weight: sparseCtrl.weight,
      frames: sparseCtrl.frames.map(({ frame, picture }) => ({ frame, image: pathOf(picture) })),
    },
    heldFrames: heldFrames.map(({ frame, picture }) => ({ frame, picture: pathOf(picture) })),
    initVideo: start && pathOf(start.pictures),
    strength: start?.strength ?? 1,
    initLatents: initLatents === "none" ? "none" : initLatents && pathOf(initLatents),
    decode: job.decode,
    // A job has all of its settings.
    speed: null,
    ...run,
  };
}

/** The job with the LoRAs that its prompts call: those that it names already, else files of this folder. */
export function withLorasOf(folder: string, job: Job): Job {
  const named = (ref: FileRef, name: string) => sameLora(parse(pathOf(ref)).name, name);
  return withCalledLoras(job, named, (name) => loraByName(folder, name));
}

/** A file of the folder; else a LoRA that ships with Zoetrope, by its name or id. */
export function loraByName(folder: string, name: string): FileRef {
  const path = existsSync(name) ? name : fileInFolder(folder, name);
  return existsSync(path) ? { path } : (shippedLora(name) ?? { path });
}

/** Names the contents behind a reference, for `jobHash`. */
export function contentIdOf(ref: FileRef, ids: ContentIds): Promise<string> {
  const path = pathOf(ref);
  const shipped = "id" in ref && MINI_CHECKPOINTS.some(({ id }) => id === ref.id);
  // Their folders also hold texts and LoRAs, which do not change what they draw.
  return shipped ? ids.ofFiles(MINI_CHECKPOINT_FILES.map((file) => join(path, file))) : ids.of(path);
}

/** @throws ZoetropeError `job/unknown-id` for an id that ships with Zoetrope's page only, or not at all */
function pathOf(ref: FileRef): string {
  if ("path" in ref) return ref.path;
  const path = shippedPath(ref.id);
  if (path !== null && existsSync(path)) return path;
  const known = [...MINI_CHECKPOINTS, { id: "mini-motion" }, ...MINI_LORAS, SHIPPED_UPSCALER].map(({ id }) => id);
  throw new ZoetropeError("job/unknown-id", {
    message: `No model here has the id "${ref.id}".`,
    hint: `Write the path of a file, or one of ${known.join(", ")}.`,
  });
}

function withPath<T extends FileRef>(file: T): Omit<T, "id"> & { readonly path: string } {
  return { ...file, path: pathOf(file) };
}

/** The folder or file of a model that ships with Zoetrope; null: none does by that id. */
function shippedPath(id: string): string | null {
  if (id === "mini-motion") return shipped("mini/motion_adapter");
  if (MINI_CHECKPOINTS.some((checkpoint) => checkpoint.id === id)) return shipped(id);
  if (id === SHIPPED_UPSCALER.id) return publicPath(SHIPPED_UPSCALER.file);
  const lora = MINI_LORAS.find((each) => each.id === id);
  return lora === undefined ? null : shipped(`mini/${lora.file}`);
}

function shippedLora(name: string): FileRef | null {
  const lora = MINI_LORAS.find((each) => [each.name, each.id].some((own) => sameLora(own, name)));
  return lora === undefined ? null : { id: lora.id };
}

function shipped(path: string): string {
  return fileURLToPath(new URL(`../../public/models/${path}`, import.meta.url));
}
