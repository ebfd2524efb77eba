/** Super-resolution models of the shelf on the page: the one that was used last stays open until a clip is made. */

import { baseName, isOnnx, type ModelFile } from "../../models/files.ts";
import { loadUpscaler } from "../../models/upscaler/load.ts";
import type { LargerPicture, PictureSize } from "../../protocol/engine.ts";
import { Mutex } from "../engine/mutex.ts";
import { networkUpscaler, openUpscaler, type Upscaler, upscaleRgba } from "../engine/run-upscaler.ts";
import { openedOrt } from "./device/ort-module.ts";

export class KeptUpscaler {
  readonly #turn = new Mutex();
  #open: { readonly id: string; readonly upscaler: Upscaler } | null = null;

  /**
   * The device must be open.
   * @param pixels RGBA of this size
   * @throws ZoetropeError `upscaler/…`
   */
  upscale(id: string, file: () => Promise<ModelFile>, pixels: Uint8ClampedArray, size: PictureSize): Promise<LargerPicture> {
    return this.#turn.run(async () => {
      if (this.#open?.id !== id) {
        await this.#close();
        this.#open = { id, upscaler: await openFile(await file()) };
      }
      const { upscaler } = this.#open;
      const drawn = await upscaleRgba(upscaler, pixels, size);
      const { factor } = upscaler;
      return { width: factor * size.width, height: factor * size.height, pixels: drawn };
    });
  }

  /** Gives its memory back. */
  release(): Promise<void> {
    return this.#turn.run(() => this.#close());
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.upscaler.release();
  }
}

async function openFile(file: ModelFile): Promise<Upscaler> {
  const { ort, mutex } = await openedOrt();
  const create = (model: Uint8Array) => ort.InferenceSession.create(model, { executionProviders: ["wasm"], logSeverityLevel: 3 });
  const tools = { Tensor: ort.Tensor, exclusive: <T>(call: () => Promise<T>) => mutex.run(call) };
  if (!isOnnx(file.path)) return networkUpscaler(await loadUpscaler([file]), { ...tools, create });
  const bytes = await file.source.read(0, file.source.size);
  return openUpscaler(baseName(file.source.name), { ...tools, create: () => create(bytes) });
}
