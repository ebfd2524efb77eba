/** Draws pictures into canvases of any size, smoothly: rough previews look soft rather than blocky. */

let scratch: HTMLCanvasElement | null = null;

/** Fills `canvas` with `image`; "cover" crops what does not fit the shape, "stretch" does not. */
export function paint(canvas: HTMLCanvasElement, image: ImageData, fit: "cover" | "stretch"): void {
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
  const [w, h] = fit === "cover" ? [width / scale, height / scale] : [image.width, image.height];
  context.globalCompositeOperation = "copy";
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(scratch, (image.width - w) / 2, (image.height - h) / 2, w, h, 0, 0, width, height);
}

/** Nothing drawn. */
export function clear(canvas: HTMLCanvasElement): void {
  canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
}
