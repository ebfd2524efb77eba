/** What a ControlNet will see of a picture, at the clip's proportions. */
import { useEffect, useRef } from "react";
import { type Preprocessor, preprocess } from "../../core/preprocess/preprocess.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./shelf.module.css";

/** Pixels: larger clips are previewed smaller, in which lines are a little coarser. */
const largestSide = 256;

interface ControlPreviewProps {
  readonly picture: Blob;
  readonly preprocessor: Preprocessor;
}

export function ControlPreview({ picture, preprocessor }: ControlPreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useStudio((state) => Number(state.numbers.width));
  const height = useStudio((state) => Number(state.numbers.height));
  useEffect(() => {
    let current = true;
    if (preprocessor === "none" || !(width >= 8 && height >= 8)) return;
    void createImageBitmap(picture).then(
      (bitmap) => current && canvas.current !== null && draw(canvas.current, bitmap, preprocessor, { width, height }),
      // The engine says why a picture cannot be read.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [picture, preprocessor, width, height]);
  if (preprocessor === "none") return null;
  return <canvas ref={canvas} className={css.preview} role="img" aria-label="What the ControlNet sees" />;
}

/** The picture covers the clip, as it does when the engine reads it. */
function draw(
  canvas: HTMLCanvasElement,
  bitmap: ImageBitmap,
  preprocessor: Preprocessor,
  clip: { width: number; height: number },
) {
  const scale = Math.min(1, largestSide / Math.max(clip.width, clip.height));
  const [width, height] = [Math.round(clip.width * scale), Math.round(clip.height * scale)];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return;
  const cover = Math.max(width / bitmap.width, height / bitmap.height);
  const [shownWidth, shownHeight] = [bitmap.width * cover, bitmap.height * cover];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight);
  bitmap.close();
  const image = context.getImageData(0, 0, width, height);
  const area = width * height;
  const planes = Float32Array.from({ length: 3 * area }, (_, i) => image.data[4 * (i % area) + Math.floor(i / area)]! / 255);
  const seen = preprocess(preprocessor, planes, width, height);
  for (let i = 0; i < 3 * area; i++) image.data[4 * (i % area) + Math.floor(i / area)] = 255 * seen[i]!;
  context.putImageData(image, 0, 0);
}
