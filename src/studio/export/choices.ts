/** The options of an exported file, in words. */
import type { ExportOptions } from "../store/export.ts";

export type Choices<Value> = readonly { readonly value: Value; readonly label: string }[];

export const plays: Choices<number> = [
  { value: 0, label: "For ever" },
  { value: 1, label: "Plays once" },
  { value: 3, label: "Three times" },
];

export const rounds: Choices<number> = [
  { value: 1, label: "Once" },
  { value: 2, label: "Twice" },
  { value: 4, label: "Four times" },
  { value: 8, label: "Eight times" },
];

export const smoothnesses: Choices<number> = [
  { value: 1, label: "As it is" },
  { value: 2, label: "Twice the frames" },
  { value: 4, label: "Four times the frames" },
];

export const qualities: Choices<ExportOptions["quality"]> = [
  { value: "small", label: "Small file" },
  { value: "good", label: "Good" },
  { value: "best", label: "Best" },
];

export const encoders: Choices<ExportOptions["encoder"]> = [
  { value: "zoetrope", label: "Small and fast" },
  { value: "gif.js", label: "Compatible (gif.js)" },
];

export const palettes: Choices<ExportOptions["palette"]> = [
  { value: "automatic", label: "Automatic" },
  { value: "global", label: "One for all frames" },
  { value: "per-frame", label: "One for each frame" },
];

export const dithers: Choices<ExportOptions["dither"]> = [
  { value: "none", label: "None" },
  { value: "ordered", label: "Pattern" },
  { value: "diffusion", label: "Grain" },
];

export const stillParts: Choices<ExportOptions["stillPixels"]> = [
  { value: "same", label: "Left out if the same" },
  { value: "near", label: "Left out if nearly so" },
  { value: "draw", label: "Drawn again" },
];
