/** The names of the preprocessors, apart from their code, so that the page can list them without it. */

export const PREPROCESSOR_LABELS = {
  none: "As it is",
  canny: "Edges (Canny)",
  lineart: "Line drawing",
  scribble: "Scribble",
  softedge: "Soft edges",
  luminance: "Brightness",
  tile: "Tile (fine details left out)",
  blur: "Blur",
  flow: "Last frame, moved along (optical flow)",
} as const;

export type Preprocessor = keyof typeof PREPROCESSOR_LABELS;

export const PREPROCESSORS = Object.keys(PREPROCESSOR_LABELS) as readonly Preprocessor[];
