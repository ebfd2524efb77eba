/** The shelf: lists and opens the models that ship with the page and those that a person added. It reads only headers. */

import { isSamplerName } from "../../../core/diffusion/sampler-names.ts";
import { ZoetropeError } from "../../../core/errors.ts";
import type { ClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import { blobSource, bufferSource } from "../../../formats/byte-source.ts";
import { loadCheckpoint, loadVae } from "../../../models/checkpoint.ts";
import { loadControlNet, loadSparseCtrl } from "../../../models/control/load.ts";
import { loadT2iAdapter } from "../../../models/control/t2i-adapter.ts";
import { type Embedding, loadEmbedding } from "../../../models/embedding.ts";
import { baseName, type ModelFile } from "../../../models/files.ts";
import type { Identified } from "../../../models/identify.ts";
import { type ImageEncoder, loadImageEncoder } from "../../../models/ip-adapter/image-encoder.ts";
import { type IpAdapter, loadIpAdapter } from "../../../models/ip-adapter/load.ts";
import { type Lora, loadLora } from "../../../models/lora/load.ts";
import {
  MINI_CHECKPOINT_FILES,
  MINI_CHECKPOINTS,
  MINI_CONTEXT_LENGTH,
  MINI_LEVELS,
  MINI_LORAS,
  MINI_MOTION_FILES,
  MINI_MOTION_SIZE,
  MINI_PREVIEW_FILE,
  MINI_SETTINGS,
  MINI_SIZE,
  openMini,
} from "../../../models/mini.ts";
import type { PreviewMap } from "../../../models/model-family.ts";
import { loadMotionModule } from "../../../models/motion/load.ts";
import { parameterCount } from "../../../models/parameter-count.ts";
import { NO_DEFAULTS } from "../../../models/sd/sampling-defaults.ts";
import { vaeFactor } from "../../../models/sd/vae-factor.ts";
import { SHIPPED_UPSCALER } from "../../../models/shipped-upscaler.ts";
import { loadTunedClip, type TunedClip } from "../../../models/tuned-clip.ts";
import type { Checkpoint, Component, MotionModule, SamplingDefaults, VaeConfig } from "../../../models/types.ts";
import type { ShelfItem } from "../../../protocol/engine.ts";
import type { ModelFileStore } from "../../../storage/model-files.ts";
import { type AnyControl, controlNetPart, sparseCtrlPart } from "../../engine/part.ts";
import { modelPartKey } from "../../engine/shard-names.ts";
import type { FetchProgress, ShippedFiles } from "../shipped/shipped-files.ts";
import { shippedTokenizer, VOCABULARY } from "../shipped/shipped-tokenizer.ts";

export const MINI = "mini";
const MINI_MOTION = "mini-motion";
const MODELS = "models/";
const MINI_FOLDER = `${MODELS}${MINI}/`;

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly preview: PreviewMap | null;
}

export class Shelf {
  readonly #shipped: ShippedFiles;
  readonly #store: ModelFileStore;

  constructor(shipped: ShippedFiles, store: ModelFileStore) {
    this.#shipped = shipped;
    this.#store = store;
  }

  async items(): Promise<ShelfItem[]> {
    const added = await this.#store.list();
    return [...builtIn(), ...added.map(({ entry }) => entry as ShelfItem)];
  }

  /** @throws ZoetropeError `shelf/gone` */
  async mustHave(ids: readonly string[]): Promise<void> {
    const here = new Set((await this.items()).map(({ id }) => id));
    if (!ids.every((id) => here.has(id))) throw gone();
  }

  /** Fetches the named models and the tokenizer, as far as they ship with the page and are not stored yet. */
  async *fetchMissing(ids: readonly string[], signal: AbortSignal): AsyncGenerator<FetchProgress> {
    const paths = [VOCABULARY, ...ids.flatMap(shippedPaths)];
    const totalBytes = await this.#shipped.missingBytes(paths);
    if (totalBytes === 0) return;
    let before = 0;
    for (const path of paths) {
      if ((await this.#shipped.missingBytes([path])) === 0) continue;
      const entry = await this.#shipped.entry(path);
      const latest = { doneBytes: 0 };
      const reading = this.#shipped.read(path, ({ doneBytes }) => (latest.doneBytes = doneBytes), signal);
      let ended = false;
      const end = reading.finally(() => (ended = true));
      end.catch(() => undefined);
      while (!ended) {
        await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
        yield { doneBytes: before + latest.doneBytes, totalBytes };
      }
      await end;
      before += entry.bytes;
    }
  }

  tokenizer(): Promise<ClipTokenizer> {
    return shippedTokenizer(this.#shipped);
  }

  async checkpoint(id: string): Promise<OpenedCheckpoint> {
    if (!isMini(id)) return { checkpoint: await loadCheckpoint(await this.#added(id)), preview: null };
    const [checkpoint, preview] = await Promise.all([
      this.#mini(MINI_CHECKPOINT_FILES, `${MODELS}${id}/`).then(loadCheckpoint),
      this.#shipped.read(MINI_FOLDER + MINI_PREVIEW_FILE),
    ]);
    return { checkpoint, preview: JSON.parse(new TextDecoder().decode(preview)) as PreviewMap };
  }

  async motion(id: string): Promise<MotionModule> {
    return loadMotionModule(id === MINI_MOTION ? await this.#mini(MINI_MOTION_FILES) : await this.#added(id));
  }

  /** What was tuned on a clip; null: the model with this id is a motion module. */
  async tunedClip(id: string): Promise<TunedClip | null> {
    return id === MINI_MOTION ? null : loadTunedClip(await this.#added(id));
  }

  async vae(id: string): Promise<Component<VaeConfig>> {
    return loadVae(await this.#added(id));
  }

  async lora(id: string): Promise<Lora> {
    const shipped = MINI_LORAS.find((lora) => lora.id === id);
    return loadLora(shipped === undefined ? await this.#added(id) : await this.#mini([shipped.file]));
  }

  /** A ControlNet, SparseCtrl or T2I-Adapter. */
  async control(id: string): Promise<AnyControl> {
    const files = await this.#added(id);
    const key = modelPartKey(id, "control");
    const kind = (await this.items()).find((item) => item.id === id)?.kind;
    if (kind === "t2i-adapter") return { ...(await loadT2iAdapter(files)), key, condition: "features" };
    return kind === "controlnet"
      ? controlNetPart(key, await loadControlNet(files))
      : sparseCtrlPart(key, await loadSparseCtrl(files));
  }

  async ipAdapter(id: string): Promise<IpAdapter> {
    return loadIpAdapter(await this.#added(id));
  }

  async imageEncoder(id: string): Promise<ImageEncoder> {
    return loadImageEncoder(await this.#added(id));
  }

  /** The file of a preprocessor or of a super-resolution model. */
  async pictureModelFile(id: string): Promise<ModelFile> {
    if (id !== SHIPPED_UPSCALER.id) return (await this.#added(id))[0]!;
    const path = SHIPPED_UPSCALER.file;
    return { path, source: bufferSource(await this.#shipped.read(path), baseName(path)) };
  }

  async embedding(id: string): Promise<Embedding> {
    return loadEmbedding(await this.#added(id));
  }

  /** A key for the contents behind an id. Shards are named by it, so changed contents get new shards. */
  async contentKey(id: string): Promise<string> {
    const weights = shippedPaths(id).filter((path) => /\.safetensors(\.gz)?$/.test(path));
    if (weights.length === 0) return id;
    const hashes = await Promise.all(weights.map(async (path) => (await this.#shipped.entry(path)).sha256.slice(0, 8)));
    return `${id}-${hashes.join("")}`;
  }

  #mini(paths: readonly string[], folder = MINI_FOLDER): Promise<ModelFile[]> {
    return openMini(paths, (path) => this.#shipped.read(folder + path));
  }

  async #added(id: string): Promise<ModelFile[]> {
    const files = await this.#store.files(id);
    if (files === null) throw gone();
    return files.map(({ path, blob }) => ({ path, source: blobSource(blob, path.slice(path.lastIndexOf("/") + 1)) }));
  }
}

function gone(): ZoetropeError {
  return new ZoetropeError("shelf/gone", {
    message: "A model that was chosen is no longer stored in this browser.",
    hint: "Choose another, or add its file again.",
  });
}

/** Mini or a personalised Mini; all share one VAE, and so one preview map. */
function isMini(id: string): boolean {
  return MINI_CHECKPOINTS.some((checkpoint) => checkpoint.id === id);
}

/** The paths of a model that ships with the page; none for a model that a person added. */
function shippedPaths(id: string): string[] {
  const lora = MINI_LORAS.find((l) => l.id === id);
  if (lora !== undefined) return [MINI_FOLDER + lora.file];
  if (isMini(id)) return [...MINI_CHECKPOINT_FILES.map((path) => `${MODELS}${id}/${path}`), MINI_FOLDER + MINI_PREVIEW_FILE];
  if (id === MINI_MOTION) return MINI_MOTION_FILES.map((path) => MINI_FOLDER + path);
  if (id === SHIPPED_UPSCALER.id) return [SHIPPED_UPSCALER.file];
  return [];
}

/** The models that ship with the page. */
export function builtIn(): ShelfItem[] {
  const shared = { bytes: 0, builtIn: true, triggerWords: [] } as const;
  return [
    ...MINI_CHECKPOINTS.map(
      (entry): ShelfItem => ({
        ...shared,
        ...entry,
        kind: "checkpoint",
        suggested: MINI_SETTINGS,
        size: MINI_SIZE,
        levels: MINI_LEVELS,
      }),
    ),
    {
      ...shared,
      id: MINI_MOTION,
      kind: "motion",
      name: "Mini motion",
      summary: "Mini's motion module, up to 32 frames",
      suggested: { frames: 16 },
      maxFrames: 32,
      contextLength: MINI_CONTEXT_LENGTH,
      size: MINI_MOTION_SIZE,
      levels: MINI_LEVELS,
    },
    ...MINI_LORAS.map(
      ({ file, ...entry }): ShelfItem => ({ ...shared, ...entry, madeFor: MINI_CHECKPOINTS.map(({ id }) => id) }),
    ),
    shippedUpscaler(),
  ];
}

function shippedUpscaler(): ShelfItem {
  const { file, ...entry } = SHIPPED_UPSCALER;
  return { ...entry, bytes: 0, builtIn: true, triggerWords: [], suggested: {} };
}

/** The shelf's entry for a model that a person added. */
export function shelfItemOf(id: string, found: Identified): ShelfItem {
  const isLora = found.kind === "lora" || found.kind === "motion-lora";
  const defaults = found.kind === "checkpoint" || found.kind === "motion" ? found.model.defaults : null;
  const fewSteps = isLora ? found.model.fewSteps : null;
  return {
    id,
    kind: found.kind,
    name: found.name,
    summary: found.summary,
    bytes: found.bytes,
    builtIn: false,
    triggerWords: wordsOf(found),
    ...(found.kind === "embedding" ? { tokens: found.model.words[0]!.vectors.length } : {}),
    about: found.about,
    ...sizeOf(found),
    ...levelsOf(found),
    ...contextOf(found),
    ...clipOf(found),
    // The noise of a clip was found with DDIM, and draws the clip again with it.
    suggested:
      found.kind === "tuned-clip" ? { sampler: "ddim" } : suggestedBy(defaults ?? { ...NO_DEFAULTS, ...fewSteps?.sampling }),
  };
}

function contextOf(found: Identified): Pick<ShelfItem, "maxFrames" | "contextLength"> {
  if (found.kind !== "motion") return {};
  const { config, defaults } = found.model;
  return { maxFrames: config.maxFrames, ...(defaults.contextLength === null ? {} : { contextLength: defaults.contextLength }) };
}

function clipOf(found: Identified): Pick<ShelfItem, "clip"> {
  if (found.kind !== "tuned-clip" || found.model.latents === null) return {};
  const [frames, , height, width] = found.model.latents.shape as [number, number, number, number];
  return { clip: { frames, height, width } };
}

function sizeOf(found: Identified): Pick<ShelfItem, "size"> {
  if (found.kind === "motion" || found.kind === "tuned-clip")
    return { size: { parameters: parameterCount(found.model.weights), firstWidth: 0, vaeWidth: 0 } };
  if (found.kind !== "checkpoint") return {};
  const { unet, vae } = found.model;
  const parameters = parameterCount(unet.weights) + (vae === null ? 0 : parameterCount(vae.weights));
  const [firstWidth = 0, vaeWidth = 0] = [unet.config.blockOutChannels[0], vae?.config.blockOutChannels[0]];
  return { size: { parameters, firstWidth, vaeWidth, ...(vae === null ? {} : { vaeFactor: vaeFactor(vae.config) }) } };
}

function levelsOf(found: Identified): Pick<ShelfItem, "levels"> {
  if (found.kind === "motion") return { levels: found.model.config.blockOutChannels };
  if (found.kind === "tuned-clip") {
    const { levels } = found.model;
    return levels === null ? {} : { levels };
  }
  if (found.kind === "controlnet" || found.kind === "sparsectrl") return { levels: found.model.config.unet.blockOutChannels };
  if (found.kind === "lora" || found.kind === "motion-lora") {
    const { firstWidth } = found.model;
    return firstWidth === null ? {} : { levels: [firstWidth] };
  }
  return found.kind === "checkpoint" ? { levels: found.model.unet.config.blockOutChannels } : {};
}

function wordsOf(found: Identified): readonly string[] {
  if (found.kind === "embedding") return found.model.words.map(({ name }) => name);
  return found.kind === "lora" || found.kind === "motion-lora" ? found.model.triggerWords : [];
}

function suggestedBy(d: SamplingDefaults): ShelfItem["suggested"] {
  return {
    ...(d.steps === null ? {} : { steps: d.steps }),
    ...(d.cfgScale === null ? {} : { cfgScale: d.cfgScale }),
    ...(d.frames === null ? {} : { frames: d.frames }),
    ...(d.width === null ? {} : { width: d.width }),
    ...(d.height === null ? {} : { height: d.height }),
    ...(d.betaSchedule === null ? {} : { schedule: d.betaSchedule }),
    ...(d.sampler !== null && isSamplerName(d.sampler) ? { sampler: d.sampler } : {}),
  };
}
