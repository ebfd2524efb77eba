/** Encodes a clip as a sprite sheet: all frames in one PNG, from left to right and from top to bottom. */
import { ZoetropeError } from "../../core/errors.ts";
import { pictureData } from "../../formats/png/picture-data.ts";
import { stillPng } from "../../formats/png/writer.ts";
import type { ClipEncoder, ClipHead, Pixels } from "../export/clip-encoder.ts";
import { parametersChunk } from "./parameters.ts";
import { copyRgb } from "./rgb.ts";
import { type SheetGrid, sheetGrid } from "./sheet-grid.ts";

/** 8192 × 8192: a texture of this size works on common graphics processors, and encoding it takes 200 MB. */
const mostPixels = 2 ** 26;

export class SheetEncoder implements ClipEncoder {
  readonly #head: ClipHead;
  readonly #grid: SheetGrid;
  readonly #sheetWidth: number;
  readonly #sheetHeight: number;
  readonly #rgb: Uint8Array;
  #count = 0;

  /** @throws ZoetropeError `export/sheet-too-large` */
  constructor(head: ClipHead) {
    const { width, height, frameCount } = head;
    this.#head = head;
    this.#grid = sheetGrid(frameCount, width, height);
    this.#sheetWidth = this.#grid.columns * width;
    this.#sheetHeight = this.#grid.rows * height;
    if (this.#sheetWidth * this.#sheetHeight > mostPixels) {
      throw new ZoetropeError("export/sheet-too-large", {
        message: `A sheet of ${this.#sheetWidth} × ${this.#sheetHeight} pixels is more than other programs take.`,
        hint: "Choose a smaller size, set in and out points, or save the frames as a zip.",
      });
    }
    this.#rgb = new Uint8Array(3 * this.#sheetWidth * this.#sheetHeight);
  }

  addFrame(pixels: Pixels): void {
    const { width, height } = this.#head;
    const x = (this.#count % this.#grid.columns) * width;
    const y = Math.floor(this.#count / this.#grid.columns) * height;
    copyRgb(pixels, width, { x: 0, y: 0, width, height }, this.#rgb, this.#sheetWidth, x, y);
    this.#count += 1;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const head = { width: this.#sheetWidth, height: this.#sheetHeight, texts: [parametersChunk(this.#head.settings)] };
    return stillPng(head, pictureData(this.#rgb, this.#sheetWidth, this.#sheetHeight));
  }
}
