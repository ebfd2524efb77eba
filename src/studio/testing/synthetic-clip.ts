/** Pictures for the stand-in engine: a shape with the prompt's colours and motion that emerges from noise. Development only. */
import type { RenderSettings } from "../../core/settings/render-settings.ts";

const colours = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black"];

export function drawFrame(
  settings: RenderSettings,
  index: number,
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const context = contextOf(width, height);
  const [subject = "orange", wall = "blue"] = settings.prompt.match(new RegExp(colours.join("|"), "g")) ?? [];
  const t = index / Math.max(1, settings.frames);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "rgb(255 255 255 / 35%)";
  context.fillRect(0, 0, width, height);
  const bounces = settings.prompt.includes("bounc");
  const left = settings.prompt.includes("left");
  const x = bounces ? 0.5 : left ? 0.85 - 0.7 * t : 0.15 + 0.7 * t;
  const y = bounces ? 0.75 - 0.5 * Math.abs(Math.sin(t * Math.PI * 2)) : 0.5;
  const size = Math.min(width, height) * 0.17;
  context.fillStyle = subject;
  context.beginPath();
  context.ellipse(x * width, y * height, size * (bounces ? 1 : 1.3), size, 0, 0, 2 * Math.PI);
  context.fill();
  if (!bounces) {
    const tail = left ? 1 : -1;
    context.beginPath();
    context.moveTo(x * width + tail * size, y * height);
    context.lineTo(x * width + tail * size * 2, y * height - size * 0.7);
    context.lineTo(x * width + tail * size * 2, y * height + size * 0.7);
    context.fill();
    context.fillStyle = "#222";
    context.beginPath();
    context.arc(x * width - tail * size * 0.6, y * height - size * 0.2, size * 0.15, 0, 2 * Math.PI);
    context.fill();
  }
  return new Uint8ClampedArray(context.getImageData(0, 0, width, height).data);
}

/** All frames in one buffer, `clarity` 0 (noise) to 1. */
export function drawPreview(
  settings: RenderSettings,
  width: number,
  height: number,
  clarity: number,
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = width * height * 4;
  const pixels = new Uint8ClampedArray(bytes * settings.frames);
  const noise = (1 - clarity) ** 1.5;
  for (let frame = 0; frame < settings.frames; frame++) {
    const drawn = drawFrame(settings, frame, width, height);
    for (let i = 0; i < bytes; i++) {
      pixels[frame * bytes + i] = i % 4 === 3 ? 255 : drawn[i]! * (1 - noise) + Math.random() * 255 * noise;
    }
  }
  return pixels;
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no 2-D canvas");
  return context;
}
