/** The text under which Stable Diffusion tools keep a picture's settings in a PNG. */
import { textChunk } from "../../formats/png/text.ts";

export const parametersKeyword = "parameters";

export function parametersChunk(settings: string) {
  return textChunk(parametersKeyword, settings);
}
