/** What a ControlNet will see of its pictures, at the clip's proportions. */
import { useEffect, useRef, useState } from "react";
import { ZoetropeError } from "../../core/errors.ts";
import { preprocess, preprocessorNotice } from "../../core/preprocess/preprocess.ts";
import type { PictureSize } from "../../protocol/engine.ts";
import type { ControlUse } from "../store/control.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./shelf.module.css";

/** Pixels: larger clips are previewed smaller, in which lines are a little coarser. */
const largestSide = 256;

interface ControlPreviewProps {
  /** At least one. */
  readonly pictures: readonly Blob[];
  readonly preprocessor: ControlUse["preprocessor"];
}

export function ControlPreview({ pictures, preprocessor }: ControlPreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { drawPicture } = useActions();
  const width = useStudio((state) => Number(state.numbers.width));
  const height = useStudio((state) => Number(state.numbers.height));
  const [said, setSaid] = useState<string | null>(null);
  const size = previewSize(width, height);
  const [across, down] = size === null ? [0, 0] : [size.width, size.height];
  const model = typeof preprocessor === "object" ? preprocessor.id : null;
  useEffect(() => {
    let current = true;
    setSaid(null);
    if (preprocessor === "none" || across === 0) return;
    const small = { width: across, height: down };
    const show = (pixels: Uint8ClampedArray<ArrayBuffer>) => {
      if (!current) return;
      setSaid(pixels.every((value, i) => value === 0 || i % 4 === 3) ? "Nothing to draw is found in this picture." : null);
      canvas.current?.getContext("2d")?.putImageData(new ImageData(pixels, across, down), 0, 0);
    };
    if (model !== null) {
      setSaid("Drawing the preview …");
      drawPicture(model, pictures[0]!, small).then(show, (thrown: unknown) => current && setSaid(wordsOf(thrown)));
    } else if (typeof preprocessor === "string") {
      setSaid(preprocessorNotice(preprocessor, pictures.length));
      // The second picture shows the flow from the first.
      const shown = preprocessor === "flow" ? pictures.slice(0, 2) : pictures.slice(0, 1);
      Promise.all(shown.map((picture) => planesOf(picture, small))).then(
        (planes) => {
          const last = planes.at(-1)!;
          const seen = preprocess(preprocessor, last, across, down, planes[0]);
          if (!current) return;
          canvas.current?.getContext("2d")?.putImageData(new ImageData(rgbaOf(seen), across, down), 0, 0);
        },
        // The engine says why a picture cannot be read.
        () => undefined,
      );
    }
    return () => {
      current = false;
    };
  }, [pictures, preprocessor, model, across, down, drawPicture]);
  if (preprocessor === "none" || size === null) return null;
  return (
    <>
      <canvas ref={canvas} {...size} className={css.preview} role="img" aria-label="What the ControlNet sees" />
      {said !== null && (
        <p className={css.forgets} role="status">
          {said}
        </p>
      )}
    </>
  );
}

/** null: the clip has no such size yet. */
function previewSize(width: number, height: number): PictureSize | null {
  if (!(width >= 8 && height >= 8)) return null;
  const scale = Math.min(1, largestSide / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** The picture covers the clip, as it does when the engine reads it. -> [3, H, W] in [0, 1] */
async function planesOf(picture: Blob, { width, height }: PictureSize): Promise<Float32Array> {
  const bitmap = await createImageBitmap(picture);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  const cover = Math.max(width / bitmap.width, height / bitmap.height);
  const [shownWidth, shownHeight] = [bitmap.width * cover, bitmap.height * cover];
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const area = width * height;
  return Float32Array.from({ length: 3 * area }, (_, i) => data[4 * (i % area) + Math.floor(i / area)]! / 255);
}

function rgbaOf(planes: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const area = planes.length / 3;
  return Uint8ClampedArray.from({ length: 4 * area }, (_, i) => (i % 4 === 3 ? 255 : 255 * planes[(i % 4) * area + (i >> 2)]!));
}

function wordsOf(thrown: unknown): string {
  const { message, hint } = ZoetropeError.from(thrown);
  return `${message} ${hint}`.trim();
}
