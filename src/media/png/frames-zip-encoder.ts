/** Encodes a clip as a zip archive of PNG files, each with the settings. */
import { zipSync } from "fflate";
import type { ClipEncoder, ClipHead, Pixels, Progress } from "../export/clip-encoder.ts";
import { pngWithSettings } from "./still-encoder.ts";

export class FramesZipEncoder implements ClipEncoder {
  readonly #head: ClipHead;
  readonly #folder: string;
  readonly #onProgress: Progress;
  readonly #files: Record<string, Uint8Array> = {};
  #count = 0;

  /** @param folder the name of the folder inside the archive */
  constructor(head: ClipHead, folder: string, onProgress: Progress) {
    this.#head = head;
    this.#folder = folder;
    this.#onProgress = onProgress;
  }

  addFrame(pixels: Pixels): void {
    const name = `${String(this.#count).padStart(4, "0")}.png`;
    this.#files[`${this.#folder}/${name}`] = pngWithSettings(this.#head, pixels);
    this.#count += 1;
    this.#onProgress(this.#count / this.#head.frameCount);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return zipSync(this.#files, { level: 0 }); // PNG files are compressed already
  }
}
