/** Draws pictures into canvases of any size, smoothly, so that rough previews look soft rather than blocky. */

let scratch: HTMLCanvasElement | null = null;

/** Fills `canvas` with `image`, cropped to its shape. With an opacity below 1 the previous picture shows through. */
export function paint(canvas: HTMLCanvasElement, image: ImageData, smoothing: ImageSmoothingQuality, opacity = 1): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  scratch ??= document.createElement("canvas");
  if (scratch.width !== image.width || scratch.height !== image.height) {
    scratch.width = image.width;
    scratch.height = image.height;
  }
  scratch.getContext("2d")?.putImageData(image, 0, 0);
  const { width, height } = canvas;
  const scale = Math.max(width / image.width, height / image.height);
  const [w, h] = [width / scale, height / scale];
  context.globalCompositeOperation = opacity === 1 ? "copy" : "source-over";
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = smoothing;
  context.drawImage(scratch, (image.width - w) / 2, (image.height - h) / 2, w, h, 0, 0, width, height);
}
