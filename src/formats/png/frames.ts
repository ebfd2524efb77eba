/** The pictures of an animated PNG, composed as players show them (PNG specification, third edition, section 11.3.6). */
import type { PngChunk } from "./chunks.ts";
import type { Samples } from "./pixels.ts";

/** A picture's compressed data, in pieces, and its place on the canvas. */
export interface ApngFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly disposal: number;
  readonly blend: number;
  readonly data: Uint8Array[];
}

/** fcTL's dispose_op: what becomes of the frame's area before the next is drawn. 0 leaves it. */
const CLEAR = 1;
const RESTORE = 2;
/** fcTL's blend_op: 0 replaces the area's pixels, 1 draws over them. */
const OVER = 1;

/** One picture where the file is no animation. A still that the animation leaves out is left out. */
export function* apngFrames(
  chunks: readonly PngChunk[],
  { width, height }: { readonly width: number; readonly height: number },
  decode: (frame: ApngFrame) => Samples,
): Generator<Samples> {
  const frames = listFrames(chunks, width, height);
  if (frames.length === 1 && frames[0]!.width === width && frames[0]!.height === height) {
    yield decode(frames[0]!);
    return;
  }
  let canvas: Samples | null = null;
  for (const [i, frame] of frames.entries()) {
    const drawn = decode(frame);
    canvas ??= drawn instanceof Uint16Array ? new Uint16Array(4 * width * height) : new Uint8ClampedArray(4 * width * height);
    const before: Samples | null = frame.disposal === RESTORE && i > 0 ? canvas.slice() : null;
    draw(canvas, width, frame, drawn);
    yield canvas.slice();
    if (before !== null) canvas = before;
    else if (frame.disposal === CLEAR || frame.disposal === RESTORE) clear(canvas, width, frame);
  }
}

/** Data before the first frame's header is a still for programs that show no animation. */
function listFrames(chunks: readonly PngChunk[], width: number, height: number): ApngFrame[] {
  const still: ApngFrame = { x: 0, y: 0, width, height, disposal: 0, blend: 0, data: [] };
  const frames: ApngFrame[] = [];
  for (const { type, data } of chunks) {
    const current = frames.at(-1) ?? still;
    if (type === "fcTL" && data.length >= 26) {
      const frame = frameOf(data);
      // A frame that juts out of the picture is not drawn, as in browsers.
      if (frame.width > 0 && frame.height > 0 && frame.x + frame.width <= width && frame.y + frame.height <= height)
        frames.push(frame);
    } else if (type === "IDAT") current.data.push(data);
    else if (type === "fdAT" && frames.length > 0) current.data.push(data.subarray(4));
  }
  const withData = frames.filter(({ data }) => data.length > 0);
  return withData.length > 0 && chunks.some(({ type }) => type === "acTL") ? withData : [still];
}

function frameOf(data: Uint8Array): ApngFrame {
  const view = new DataView(data.buffer, data.byteOffset);
  const [width, height, x, y] = [4, 8, 12, 16].map((at) => view.getUint32(at)) as [number, number, number, number];
  return { x, y, width, height, disposal: data[24]!, blend: data[25]!, data: [] };
}

function draw(canvas: Samples, canvasWidth: number, { x, y, width, height, blend }: ApngFrame, drawn: Samples): void {
  for (let row = 0; row < height; row++) {
    const line = drawn.subarray(4 * row * width, 4 * (row + 1) * width);
    const to = 4 * ((y + row) * canvasWidth + x);
    if (blend === OVER) drawOver(canvas, to, line);
    else canvas.set(line, to);
  }
}

/** Colours are not premultiplied by alpha. */
function drawOver(canvas: Samples, to: number, line: Samples): void {
  const top = line instanceof Uint16Array ? 65535 : 255;
  for (let i = 0; i < line.length; i += 4) {
    const above = line[i + 3]! / top;
    const below = (canvas[to + i + 3]! / top) * (1 - above);
    const alpha = above + below;
    if (above === 0) continue;
    for (let channel = 0; channel < 3; channel++)
      canvas[to + i + channel] = Math.round((line[i + channel]! * above + canvas[to + i + channel]! * below) / alpha);
    canvas[to + i + 3] = Math.round(alpha * top);
  }
}

function clear(canvas: Samples, canvasWidth: number, { x, y, width, height }: ApngFrame): void {
  for (let row = y; row < y + height; row++) canvas.fill(0, 4 * (row * canvasWidth + x), 4 * (row * canvasWidth + x + width));
}
