/**
 * A job: one clip to be made, as plain data that a line of JSON, a queue and a web request carry alike. Settings are the schema's; models
 * and pictures are named by the path of a file, or by the id of stored contents.
 */

import type { Preprocessor } from "../core/preprocess/preprocessor-names.ts";
import type { LoraStrength } from "../core/prompt/lora-strength.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";

/**
 * A file or a model's folder on the machine that renders, or stored contents by their id: "mini" and the other models that ship with
 * Zoetrope, a model of the shelf, or a picture that was sent before (`contentId` in runtime/node/content-id.ts).
 */
export type FileRef = { readonly path: string } | { readonly id: string };

export type JobLora = FileRef & LoraStrength;
/** One picture for all frames, or one for each; what it is shown of them, and between which shares of the steps it acts. */
export type JobControlNet = FileRef & {
  readonly weight: number;
  readonly pictures: FileRef;
  /** The file of an ONNX model that draws it, or a filter. Absent: the pictures themselves. */
  readonly preprocessor?: Preprocessor | FileRef;
  /** Absent: 0 and 1. */
  readonly start?: number;
  readonly end?: number;
};
/** An IP-Adapter, its image encoder, and the pictures that the clip shall look like. */
export type JobIpAdapter = FileRef & {
  readonly weight: number;
  readonly encoder: FileRef;
  readonly pictures: readonly FileRef[];
  /** Weights at single frames instead. Absent: `weight` in all. */
  readonly weightAt?: readonly { readonly frame: number; readonly weight: number }[];
};
export type JobSparseCtrl = FileRef & {
  readonly weight: number;
  readonly frames: readonly { readonly frame: number; readonly picture: FileRef }[];
};

/** A frame that is given as a picture. */
export interface JobHeldFrame {
  readonly frame: number | "last";
  readonly picture: FileRef;
}

export const INTERPOLATIONS = [1, 2, 4] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

export interface Job {
  /** Names the output file (`{name}` in its template); not a part of what the clip looks like. */
  readonly name: string | null;
  /** Those that were said, the prompt always among them. The models suggest the others. */
  readonly settings: Partial<RenderSettings> & Pick<RenderSettings, "prompt">;
  readonly checkpoint: FileRef;
  /** null: none. */
  readonly motion: FileRef | null;
  /** null: the checkpoint's own. */
  readonly vae: FileRef | null;
  readonly loras: readonly JobLora[];
  readonly motionLoras: readonly JobLora[];
  readonly embeddings: readonly FileRef[];
  readonly controlNets: readonly JobControlNet[];
  readonly sparseCtrl: JobSparseCtrl | null;
  readonly ipAdapter: JobIpAdapter | null;
  /** Frames that are given as pictures. */
  readonly heldFrames: readonly JobHeldFrame[];
  /** Pictures to begin with instead of noise; null: from noise. */
  readonly start: { readonly pictures: FileRef; readonly strength: number } | null;
  /** Noise to begin with instead of the seed's. "none": the seed's, also where a tuned clip has its own. */
  readonly initLatents: FileRef | "none" | null;
  /** null: as the model's size suggests. */
  readonly loraForm: "merged" | "side-branch" | null;
  /** null: as the memory at hand suggests. */
  readonly decode: "whole" | "tiles" | null;
  /** A super-resolution model that the pictures are enlarged by; null: none. */
  readonly upscale: FileRef | null;
  /** Pictures written for each frame. */
  readonly interpolate: Interpolation;
}

export const MINI: FileRef = { id: "mini" };
export const MINI_MOTION: FileRef = { id: "mini-motion" };

export function isMini(ref: FileRef): boolean {
  return "id" in ref && ref.id === "mini";
}

/** The same job with every file replaced: paths by ids before it travels, ids by paths where it is rendered. */
export async function mapFiles(job: Job, replace: (ref: FileRef) => Promise<FileRef>): Promise<Job> {
  const replaced = async <T extends FileRef>(file: T): Promise<T> => {
    const { path: _path, id: _id, ...rest } = file as T & { path?: string; id?: string };
    return { ...(await replace(refOf(file))), ...rest } as unknown as T;
  };
  const orNull = async <T extends FileRef>(file: T | null) => (file === null ? null : replaced(file));
  const all = <T extends FileRef>(files: readonly T[]) => Promise.all(files.map(replaced));
  const sparse = await orNull(job.sparseCtrl);
  const adapter = await orNull(job.ipAdapter);
  return {
    ...job,
    checkpoint: await replaced(job.checkpoint),
    motion: await orNull(job.motion),
    vae: await orNull(job.vae),
    loras: await all(job.loras),
    motionLoras: await all(job.motionLoras),
    embeddings: await all(job.embeddings),
    controlNets: await Promise.all(
      (await all(job.controlNets)).map(async (net) => ({
        ...net,
        pictures: await replace(net.pictures),
        ...(typeof net.preprocessor === "object" ? { preprocessor: await replace(net.preprocessor) } : {}),
      })),
    ),
    sparseCtrl:
      sparse === null
        ? null
        : {
            ...sparse,
            frames: await Promise.all(
              sparse.frames.map(async ({ frame, picture }) => ({ frame, picture: await replace(picture) })),
            ),
          },
    ipAdapter:
      adapter === null
        ? null
        : { ...adapter, encoder: await replace(adapter.encoder), pictures: await Promise.all(adapter.pictures.map(replace)) },
    heldFrames: await Promise.all(job.heldFrames.map(async ({ frame, picture }) => ({ frame, picture: await replace(picture) }))),
    start: job.start === null ? null : { ...job.start, pictures: await replace(job.start.pictures) },
    initLatents: job.initLatents === "none" ? "none" : await orNull(job.initLatents),
    upscale: await orNull(job.upscale),
  };
}

/** The models whose weights a worker would have to open: jobs with equal lists can share sessions. */
export function modelsOf(job: Job): readonly FileRef[] {
  const { checkpoint, motion, vae, loras, motionLoras, controlNets, sparseCtrl, ipAdapter } = job;
  const all = [
    checkpoint,
    motion,
    vae,
    ...loras,
    ...motionLoras,
    ...controlNets,
    sparseCtrl,
    ipAdapter,
    ipAdapter?.encoder ?? null,
  ];
  return all.filter((ref) => ref !== null).map(refOf);
}

function refOf(file: FileRef): FileRef {
  return "path" in file ? { path: file.path } : { id: file.id };
}
