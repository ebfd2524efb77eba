/** Styles that ship with the page. Their words are those that Stable Diffusion's captions use, in American spelling. */
import type { Style } from "../../storage/preset-store.ts";

export type BuiltInStyle = Pick<Style, "name" | "prompt" | "negative">;

export const builtInStyles: readonly BuiltInStyle[] = [
  {
    name: "Film still",
    prompt: "film still of {prompt}, cinematic lighting, shallow depth of field, film grain",
    negative: "drawing, painting, cartoon, 3d render",
  },
  {
    name: "Photograph",
    prompt: "photograph of {prompt}, natural light, sharp focus, 50mm lens",
    negative: "drawing, painting, cartoon, 3d render",
  },
  {
    name: "Anime",
    prompt: "anime artwork of {prompt}, clean line art, cel shading, vibrant colors",
    negative: "photograph, realistic, 3d render",
  },
  {
    name: "Comic",
    prompt: "comic book panel of {prompt}, bold ink outlines, flat colors, halftone dots",
    negative: "photograph, realistic, 3d render, blurry",
  },
  {
    name: "Watercolour",
    prompt: "watercolor painting of {prompt}, soft washes, wet edges, paper texture",
    negative: "photograph, realistic, 3d render, hard outlines",
  },
  {
    name: "Oil painting",
    prompt: "oil painting of {prompt}, thick brush strokes, rich colors, canvas texture",
    negative: "photograph, 3d render, flat colors",
  },
  {
    name: "Pencil sketch",
    prompt: "pencil sketch of {prompt}, graphite, cross-hatching, white paper",
    negative: "photograph, color, 3d render",
  },
  {
    name: "3D render",
    prompt: "3d render of {prompt}, smooth materials, soft studio lighting, global illumination",
    negative: "photograph, drawing, painting, grainy",
  },
  {
    name: "Claymation",
    prompt: "claymation of {prompt}, stop motion, modeling clay, miniature set",
    negative: "photograph of a person, drawing, painting, glossy",
  },
  {
    name: "Paper cutout",
    prompt: "paper cutout of {prompt}, layered colored paper, craft, soft shadows",
    negative: "photograph of a person, 3d render, glossy",
  },
  {
    name: "Pixel art",
    prompt: "pixel art of {prompt}, 16-bit video game, limited palette, crisp pixels",
    negative: "photograph, realistic, blurry, gradient",
  },
  {
    name: "Neon night",
    prompt: "{prompt}, at night, glowing neon lights, wet reflections, fog",
    negative: "daylight, washed out",
  },
];
