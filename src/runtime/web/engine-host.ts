/**
 * The page's engine and the device under it: both are opened when first needed, and given up when the device is lost or its memory
 * runs out, so that the next render starts on a fresh device.
 */

import { keptOnCardBytes } from "../../core/animation/memory.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { DeviceChoice } from "../../protocol/engine.ts";
import type { BlobShardStore } from "../../storage/shard-store.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { modelSize } from "../compose/model-size.ts";
import { Engine, SESSION_BUDGET_BYTES } from "../engine/engine.ts";
import { createWebBackend, type WebBackend } from "./device/backend.ts";

/** With the weights of SD 1.5, about as much as a graphics card of 8 GB can spare. */
const KEPT_ON_CARD_BYTES = 4e9;

export class EngineHost {
  readonly #openStore: () => Promise<BlobShardStore>;
  #prefer: DeviceChoice;
  #device: Promise<WebBackend> | null = null;
  #engine: Engine | null = null;
  /** Whether the graphics card releases buffers at once instead of keeping them for later ones of their size. */
  #releasesBuffers = false;
  #ranOut = false;

  constructor(openStore: () => Promise<BlobShardStore>, prefer: DeviceChoice) {
    this.#openStore = openStore;
    this.#prefer = prefer;
  }

  /** Counts when a device is opened next. */
  prefer(choice: DeviceChoice): void {
    this.#prefer = choice;
  }

  device(): Promise<WebBackend> {
    this.#device ??= this.#openStore().then((store) =>
      createWebBackend({ store, prefer: this.#prefer, releaseBuffers: this.#releasesBuffers }),
    );
    this.#device.catch(() => {
      this.#device = null;
    });
    return this.#device;
  }

  async engine(): Promise<Engine> {
    this.#engine ??= new Engine(await this.device(), SESSION_BUDGET_BYTES);
    return this.#engine;
  }

  /** Lets the graphics card keep buffers, which is faster, for clips whose buffers would fit an 8 GB card; others release them at once. */
  async suit(settings: RenderSettings, models: ModelSet): Promise<void> {
    const engine = await this.engine();
    if (engine.backend.kind !== "webgpu") return;
    const size = modelSize(models, settings.precision);
    const kept = keptOnCardBytes(settings, size, engine.computesInFp16(settings.precision));
    const releases = this.#ranOut || kept > KEPT_ON_CARD_BYTES;
    if (releases === this.#releasesBuffers) return;
    await this.giveUp();
    this.#releasesBuffers = releases;
  }

  /** Whether a render that ran out of memory would take less of it after `saveMemory`. */
  get canSaveMemory(): boolean {
    return !this.#releasesBuffers && this.#engine?.backend.kind === "webgpu";
  }

  /** From now on every clip releases its buffers at once. */
  async saveMemory(): Promise<void> {
    await this.giveUp();
    this.#ranOut = true;
  }

  async releaseSessions(): Promise<void> {
    await this.#engine?.release();
  }

  async giveUp(): Promise<void> {
    await this.#engine?.release().catch(() => undefined);
    await (await this.#device)?.dispose().catch(() => undefined);
    this.#engine = null;
    this.#device = null;
  }
}
