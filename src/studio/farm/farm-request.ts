/** Turns a request to the engine into a job of a farm, with the files that the job may have to bring. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Lane, laneTarget } from "../../core/animation/lanes.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { sameLora } from "../../core/prompt/called-loras.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { withCalledLoras } from "../../jobs/called-loras.ts";
import type { FileRef, Job, JobControlNet, JobIpAdapter, JobSparseCtrl } from "../../jobs/job.ts";
import { type JobJson, writeJob } from "../../jobs/parse-job.ts";
import { ApngEncoder } from "../../media/png/apng-encoder.ts";
import type { ControlPictures, LikenessPictures, RenderRequest, ShelfItem } from "../../protocol/engine.ts";

export interface FarmRequest {
  readonly job: JobJson;
  /** Pictures by the ids of their contents. */
  readonly pictures: ReadonlyMap<string, Blob>;
}

/** Brings pictures to a clip's size: RGBA. */
export type ResizePicture = (picture: Blob, width: number, height: number) => Promise<Uint8ClampedArray<ArrayBuffer>>;

/** @param shelf the models of this device and of the farm */
export async function farmRequest(
  request: RenderRequest,
  shelf: readonly ShelfItem[],
  resize: ResizePicture,
): Promise<FarmRequest> {
  const { settings, models, start, control, moreControls = [], likeness, heldFrames = [] } = request;
  const pictures = new Map<string, Blob>();
  const keep = (bytes: Uint8Array<ArrayBuffer>): FileRef => {
    const id = contentId(bytes);
    pictures.set(id, new Blob([bytes]));
    return { id };
  };
  const add = async (frames: readonly Blob[]) => keep(await animation(frames, settings, resize));
  const controls = control === undefined ? [] : [control, ...moreControls];
  const job: Job = {
    name: null,
    settings: { ...settings, lanes: settings.lanes.map((lane) => byId(lane, shelf)) },
    checkpoint: { id: models.checkpoint },
    motion: models.motion === null ? null : { id: models.motion },
    vae: models.vae === null ? null : { id: models.vae },
    loras: models.loras,
    motionLoras: models.motionLoras,
    embeddings: calledEmbeddings(settings, shelf).map(({ id }) => ({ id })),
    ...(await followed(controls, settings, shelf, add)),
    ipAdapter: likeness === undefined ? null : await looksLike(likeness, settings, keep),
    start:
      start === undefined
        ? null
        : { pictures: await add(inEveryFrame(start.pictures, settings.frames)), strength: start.strength },
    heldFrames: await Promise.all(
      heldFrames.map(async ({ place, picture }) => ({
        frame: place === "first" ? 0 : ("last" as const),
        picture: await add([picture]),
      })),
    ),
    initLatents: null,
    loraForm: null,
    decode: null,
    // The page does both when it saves.
    upscale: null,
    interpolate: 1,
  };
  return { job: { ...writeJob(called(job, shelf)), format: "apng" }, pictures };
}

/** Lanes name LoRAs, whose files have the names of their ids there. */
function byId(lane: Lane, shelf: readonly ShelfItem[]): Lane {
  const target = laneTarget(lane.target);
  if (target?.kind !== "lora") return lane;
  const item = shelf.find(({ kind, name }) => /lora$/.test(kind) && sameLora(name, target.name));
  return item === undefined ? lane : { ...lane, target: `lora:${item.id}` };
}

/** As runtime/web/start-pictures.ts lays them out: a ControlNet's in every frame, a SparseCtrl's spread over the clip. */
async function followed(
  controls: readonly ControlPictures[],
  { frames }: RenderSettings,
  shelf: readonly ShelfItem[],
  add: (frames: readonly Blob[]) => Promise<FileRef>,
): Promise<{ readonly controlNets: readonly JobControlNet[]; readonly sparseCtrl: JobSparseCtrl | null }> {
  const controlNets: JobControlNet[] = [];
  let sparseCtrl: JobSparseCtrl | null = null;
  for (const { model: id, weight = 1, start, end, preprocessor, pictures } of controls) {
    const used = pictures.slice(0, frames);
    if (shelf.find((item) => item.id === id)?.kind === "sparsectrl") {
      const place = (i: number) => (used.length === 1 ? 0 : Math.round((i * (frames - 1)) / (used.length - 1)));
      const laid = await Promise.all(used.map(async (picture, i) => ({ frame: place(i), picture: await add([picture]) })));
      sparseCtrl = { id, weight, frames: laid };
    } else {
      controlNets.push({
        id,
        weight,
        pictures: await add(used.length === 1 ? used : inEveryFrame(used, frames)),
        ...(preprocessor === undefined ? {} : { preprocessor }),
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      });
    }
  }
  return { controlNets, sparseCtrl };
}

/** The pictures go as they are, because the image encoder brings them to a size of its own. */
async function looksLike(
  { model: id, encoder, weight, endWeight, pictures }: LikenessPictures,
  { frames }: RenderSettings,
  keep: (bytes: Uint8Array<ArrayBuffer>) => FileRef,
): Promise<JobIpAdapter> {
  const kept = await Promise.all(pictures.map(async (picture) => keep(new Uint8Array(await picture.arrayBuffer()))));
  const changes = endWeight !== undefined && frames > 1;
  const weightAt = [
    { frame: 0, weight },
    { frame: frames - 1, weight: endWeight ?? weight },
  ];
  return { id, weight, encoder: { id: encoder }, pictures: kept, ...(changes ? { weightAt } : {}) };
}

function inEveryFrame(pictures: readonly Blob[], frames: number): Blob[] {
  const used = pictures.slice(0, frames);
  return Array.from({ length: frames }, (_, frame) => used[frame % used.length]!);
}

/** The pictures at the clip's size as an animated PNG, which loses nothing. */
async function animation(
  pictures: readonly Blob[],
  { width, height, fps }: RenderSettings,
  resize: ResizePicture,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new ApngEncoder({ width, height, fps, frameCount: pictures.length, settings: "" }, 0, () => undefined);
  for (const picture of pictures) encoder.addFrame(await resize(picture, width, height));
  return encoder.finish();
}

/** As the shelf names contents (storage/model-files.ts). Pictures of a clip have less than one piece of 16 MiB, or a few. */
export function contentId(bytes: Uint8Array): string {
  const digests = sha256.create();
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES)
    digests.update(sha256(bytes.subarray(offset, offset + CHUNK_BYTES)));
  return bytesToHex(digests.digest()).slice(0, 32);
}

const CHUNK_BYTES = 16 * 2 ** 20;

/** Adds the LoRAs that the prompts call by name. @throws ZoetropeError `farm/no-lora` */
function called(job: Job, shelf: readonly ShelfItem[]): Job {
  const loras = shelf.filter(({ kind }) => kind === "lora" || kind === "motion-lora");
  const nameOf = (ref: FileRef) => shelf.find((item) => "id" in ref && item.id === ref.id)?.name ?? "";
  return withCalledLoras(
    job,
    (ref, name) => sameLora(nameOf(ref), name),
    (name) => {
      const item = loras.find((each) => sameLora(each.name, name));
      if (item !== undefined) return { id: item.id };
      throw new ZoetropeError("farm/no-lora", {
        message: `There is no LoRA called ${name} on the shelf.`,
        hint: "Add its file, or take it out of the prompt.",
      });
    },
  );
}

function calledEmbeddings({ prompt, negative, promptAt }: RenderSettings, shelf: readonly ShelfItem[]): ShelfItem[] {
  const text = [prompt, negative, ...promptAt.map((at) => at.text)].join("\n").toLowerCase();
  return shelf.filter(
    ({ kind, triggerWords }) => kind === "embedding" && triggerWords.some((word) => text.includes(word.toLowerCase())),
  );
}
