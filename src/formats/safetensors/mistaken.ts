/** What a file is instead, when it carries the name of a safetensors file but not its form. */

import { ZoetropeError } from "../../core/errors.ts";

interface Mistake {
  readonly code: string;
  readonly is: string;
  readonly hint: string;
}

const DOWNLOAD_AGAIN = "Download it again, and look at its size before you drop it here.";
const CONVERT =
  "Convert it to .safetensors first (most web UIs have a converter for it), or look for a .safetensors version of the same model.";

/** Throws the sentence that fits the first bytes of a file that cannot be safetensors; returns if nothing known fits. */
export function refuseMistaken(head: Uint8Array, fileName: string): void {
  if (head[8] === 0x7b) return; // "{" after eight bytes of length: the form is right
  const mistake = recognise(head);
  if (mistake === null) return;
  throw new ZoetropeError(mistake.code, { message: `${fileName} ${mistake.is}`, hint: mistake.hint });
}

function recognise(head: Uint8Array): Mistake | null {
  const text = new TextDecoder("latin1").decode(head.subarray(0, 512)).trimStart();
  if (/^(<!doctype|<html|<head|<\?xml|<body)/i.test(text.replace(/^\u00ef\u00bb\u00bf/, ""))) {
    return {
      code: "safetensors/web-page",
      is: "looks like a web page saved under this name: download it again.",
      hint: "Sites that ask for a login send a page in place of the file. Sign in there and use the download button.",
    };
  }
  if (text.startsWith("version https://git-lfs")) {
    return {
      code: "safetensors/git-lfs",
      is: "is a Git LFS pointer: a note of where the model is, not the model.",
      hint: DOWNLOAD_AGAIN,
    };
  }
  // A zip (PyTorch >= 1.6) or a bare pickle: protocol 2..5, as older torch.save wrote it.
  const zip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
  const pickle = head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5;
  if (zip || pickle) {
    return {
      code: "safetensors/pickle",
      is: "is a PyTorch pickle or a zip archive: convert to safetensors. Pickles can run programs when opened, so they are not read here.",
      hint: CONVERT,
    };
  }
  if (text.startsWith("GGUF")) {
    return {
      code: "safetensors/gguf",
      is: "is a GGUF file, which is not read here.",
      hint: "Look for a .safetensors version of the same model.",
    };
  }
  if (/^[\s -~]+$/.test(text.slice(0, 64))) {
    return { code: "safetensors/text", is: "is a text file, not a safetensors model.", hint: DOWNLOAD_AGAIN };
  }
  return null;
}
