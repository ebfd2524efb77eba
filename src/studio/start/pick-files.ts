/** Opens the browser's file picker. */
import type { DroppedFile } from "../../protocol/engine.ts";
import { filesOfInput } from "../controls/dropped-files.ts";

/** @param accept kinds of files that the picker offers first; @returns the chosen files, none where the person left it */
export function pickFiles(accept: string): Promise<DroppedFile[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = accept;
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(filesOfInput(input)));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}
