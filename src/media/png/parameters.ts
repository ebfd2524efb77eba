/** The PNG text chunk in which Stable Diffusion tools keep a picture's settings. */
import { textChunk } from "../../formats/png/text.ts";

export const parametersKeyword = "parameters";

export function parametersChunk(settings: string) {
  return textChunk(parametersKeyword, settings);
}
