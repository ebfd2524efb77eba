/** Pixels: the longer side of a picture is scaled down to this. */
const largestSide = 1024;

/** The picture as a PNG, scaled down where it is too large. */
export async function pngOf(picture: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}
