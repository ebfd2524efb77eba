/** One frame as a PNG that carries its settings. */
import { pictureData } from "../../formats/png/picture-data.ts";
import { stillPng } from "../../formats/png/writer.ts";
import type { ClipEncoder, ClipHead, Pixels } from "../export/clip-encoder.ts";
import { parametersChunk } from "./parameters.ts";
import { rgbOf } from "./rgb.ts";

type StillHead = Pick<ClipHead, "width" | "height" | "settings">;

export function pngWithSettings({ width, height, settings }: StillHead, pixels: Pixels): Uint8Array<ArrayBuffer> {
  const rgb = rgbOf(pixels, width, { x: 0, y: 0, width, height });
  return stillPng({ width, height, texts: [parametersChunk(settings)] }, pictureData(rgb, width, height));
}

export class StillEncoder implements ClipEncoder {
  readonly #head: StillHead;
  #png = new Uint8Array();

  constructor(head: StillHead) {
    this.#head = head;
  }

  addFrame(pixels: Pixels): void {
    this.#png = pngWithSettings(this.#head, pixels);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#png;
  }
}
