/** Super-resolution models of the shelf on the page: the one that was used last stays open until a clip is made. */

import { toRgba } from "../../media/pixels.ts";
import { baseName, type ModelFile } from "../../models/files.ts";
import type { LargerPicture, PictureSize } from "../../protocol/engine.ts";
import { Mutex } from "../engine/mutex.ts";
import { openUpscaler, type Upscaler } from "../engine/run-upscaler.ts";
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
      const area = size.width * size.height;
      const planes = Float32Array.from({ length: 3 * area }, (_, i) => pixels[4 * (i % area) + Math.floor(i / area)]! / 255);
      const drawn = await upscaler.upscale(planes, size);
      const { factor } = upscaler;
      return { width: factor * size.width, height: factor * size.height, pixels: toRgba(drawn.map((x) => 2 * x - 1)) };
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

async function openFile({ source }: ModelFile): Promise<Upscaler> {
  const { ort, mutex } = await openedOrt();
  const bytes = await source.read(0, source.size);
  return openUpscaler(baseName(source.name), {
    create: () => ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], logSeverityLevel: 3 }),
    Tensor: ort.Tensor,
    exclusive: (call) => mutex.run(call),
  });
}
