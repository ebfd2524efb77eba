/** The engine's events on their way to the page: float pictures become RGBA, and buffers are handed over, not copied. */

import type { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { toRgba } from "../../media/pixels.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { PreviewMap } from "../compose/model-set.ts";
import type { AnimateEvent } from "../pipeline/events.ts";
import { previewRgba } from "../pipeline/preview.ts";

export class RenderPort {
  readonly #port: MessagePort;
  #map: PreviewMap | null = null;
  #size = { frames: 0, width: 0, height: 0 };

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Sets how previews are made; none are sent before. */
  preview(map: PreviewMap, { frames, width, height }: RenderSettings): void {
    this.#map = map;
    this.#size = { frames, width, height };
  }

  send(event: AnimateEvent): void {
    switch (event.type) {
      case "phase":
      case "progress":
      case "notice":
      case "done":
        this.#post(event);
        break;
      case "step":
        this.#sendPreview(event.step, event.steps, event.denoised);
        break;
      case "frame": {
        const pixels = toRgba(event.pixels);
        const { width, height } = this.#size;
        this.#post({ type: "frame", index: event.index, width, height, pixels }, pixels.buffer);
        break;
      }
      case "text":
      case "start":
        break;
    }
  }

  notice(message: string): void {
    this.#post({ type: "notice", message });
  }

  cancelled(): void {
    this.#post({ type: "cancelled" });
  }

  failed(error: ZoetropeError): void {
    this.#post({ type: "failed", error: error.toInfo() });
  }

  close(): void {
    this.#port.close();
  }

  #sendPreview(step: number, steps: number, denoised: Float32Array): void {
    if (this.#map === null) return;
    const { frames } = this.#size;
    const [width, height] = [this.#size.width / 8, this.#size.height / 8];
    const pixels = previewRgba(denoised, frames, this.#map);
    this.#post({ type: "preview", step, steps, frames, width, height, pixels }, pixels.buffer);
  }

  #post(event: RenderEvent, ...transfer: ArrayBuffer[]): void {
    this.#port.postMessage(event, transfer);
  }
}
