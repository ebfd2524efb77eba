/** Sends the events of a clip to the page: float pictures become RGBA, and buffers are transferred, not copied. */

import type { ZoetropeError } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import { toRgba } from "../../media/pixels.ts";
import type { ModelFamily } from "../../models/model-family.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { ClipEvent } from "../pipeline/clip-event.ts";
import { previewRgba } from "../pipeline/preview.ts";

export class RenderPort {
  readonly #port: MessagePort;
  #family: ModelFamily | null = null;
  #size = { frames: 0, width: 0, height: 0 };

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** To be called before the clip's events are sent: says how its latents become previews, and how large frames are. */
  begin(family: ModelFamily, { frames, width, height }: RenderSettings): void {
    this.#family = family;
    this.#size = { frames, width, height };
  }

  send(event: ClipEvent): void {
    switch (event.type) {
      case "phase":
      case "progress":
      case "notice":
      case "done":
        this.#post(event);
        break;
      case "step":
        this.#sendPreview(event);
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

  #sendPreview({ step, steps, size, denoised }: Extract<ClipEvent, { type: "step" }>): void {
    if (this.#family === null) return;
    const { frames } = this.#size;
    const { width, height } = size;
    const pixels = previewRgba(denoised, frames, this.#family.preview);
    this.#post({ type: "preview", step, steps, frames, width, height, pixels }, pixels.buffer);
  }

  #post(event: RenderEvent, ...transfer: ArrayBuffer[]): void {
    this.#port.postMessage(event, transfer);
  }
}
