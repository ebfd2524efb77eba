/** Opens a model file of any container that can be read here, and refuses the others by what they are. */

import { ZoetropeError } from "../core/errors.ts";
import { type ByteSource, readExactly } from "./byte-source.ts";
import { CONTAINER_HEAD_BYTES, recogniseContainer } from "./container.ts";
import { openGguf } from "./gguf/reader.ts";
import { openSafetensors } from "./safetensors/reader.ts";
import type { TensorFile } from "./tensor-file.ts";
import { openTorch } from "./torch/reader.ts";

/**
 * Reads the header and no tensor.
 * @throws ZoetropeError `file/…`, `safetensors/…`, `torch/…` or `gguf/…`, naming the file and saying what it is instead, or what is
 *   wrong with it
 */
export async function openTensorFile(source: ByteSource): Promise<TensorFile> {
  if (source.size === 0) {
    throw new ZoetropeError("file/empty", {
      message: `${source.name} is empty: 0 bytes.`,
      hint: "The download did not start or the disk was full. Download it again.",
    });
  }
  const head = await readExactly(source, 0, Math.min(source.size, CONTAINER_HEAD_BYTES));
  const container = recogniseContainer(head);
  switch (container) {
    case "safetensors":
      return openSafetensors(source, head);
    case "pytorch-zip":
    case "pytorch-pickle":
      return openTorch(source, head);
    case "gguf":
      return openGguf(source);
    default:
      return refuse(container, source.name);
  }
}

interface Refusal {
  readonly code: string;
  readonly is: string;
  readonly hint: string;
}

const DOWNLOAD_AGAIN = "Download it again, and look at its size before you drop it here.";

const REFUSALS: Readonly<Record<"web-page" | "git-lfs" | "text" | "unknown", Refusal>> = {
  "web-page": {
    code: "file/web-page",
    is: "looks like a web page saved under this name: download it again.",
    hint: "Sites that ask for a login send a page in place of the file. Sign in there and use the download button.",
  },
  "git-lfs": {
    code: "file/git-lfs",
    is: "is a Git LFS pointer: a note of where the model is, not the model.",
    hint: DOWNLOAD_AGAIN,
  },
  text: { code: "file/text", is: "is a text file, not a model.", hint: DOWNLOAD_AGAIN },
  unknown: {
    code: "file/unknown",
    is: "is no model file: it begins like neither safetensors, nor PyTorch (.ckpt, .pt, .pth, .bin), nor GGUF.",
    hint: DOWNLOAD_AGAIN,
  },
};

function refuse(container: keyof typeof REFUSALS, fileName: string): never {
  const { code, is, hint } = REFUSALS[container];
  throw new ZoetropeError(code, { message: `${fileName} ${is}`, hint });
}
