/** Opens a model file of any container that can be read here, and refuses the others by what they are. */

import { ZoetropeError } from "../core/errors.ts";
import { type ByteSource, readExactly } from "./byte-source.ts";
import { CONTAINER_HEAD_BYTES, type Container, recogniseContainer } from "./container.ts";
import { openSafetensors } from "./safetensors/reader.ts";
import type { TensorFile } from "./tensor-file.ts";

/**
 * Reads the header and no tensor.
 * @throws ZoetropeError `safetensors/…`, naming the file and saying what it is instead, or what is wrong with it
 */
export async function openTensorFile(source: ByteSource): Promise<TensorFile> {
  if (source.size === 0) {
    throw new ZoetropeError("safetensors/empty", {
      message: `${source.name} is empty: 0 bytes.`,
      hint: "The download did not start or the disk was full. Download it again.",
    });
  }
  const head = await readExactly(source, 0, Math.min(source.size, CONTAINER_HEAD_BYTES));
  const container = recogniseContainer(head);
  switch (container) {
    case "safetensors":
    case "unknown": // The safetensors reader says what is wrong with it.
      return openSafetensors(source, head);
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

const PICKLE: Refusal = {
  code: "safetensors/pickle",
  is: "is a PyTorch pickle or a zip archive: convert to safetensors. Pickles can run programs when opened, so they are not read here.",
  hint: "Convert it to .safetensors first (most web UIs have a converter for it), or look for a .safetensors version of the same model.",
};

const REFUSALS: Readonly<Record<Exclude<Container, "safetensors" | "unknown">, Refusal>> = {
  "web-page": {
    code: "safetensors/web-page",
    is: "looks like a web page saved under this name: download it again.",
    hint: "Sites that ask for a login send a page in place of the file. Sign in there and use the download button.",
  },
  "git-lfs": {
    code: "safetensors/git-lfs",
    is: "is a Git LFS pointer: a note of where the model is, not the model.",
    hint: DOWNLOAD_AGAIN,
  },
  "pytorch-zip": PICKLE,
  "pytorch-pickle": PICKLE,
  gguf: {
    code: "safetensors/gguf",
    is: "is a GGUF file, which is not read here.",
    hint: "Look for a .safetensors version of the same model.",
  },
  text: { code: "safetensors/text", is: "is a text file, not a safetensors model.", hint: DOWNLOAD_AGAIN },
};

function refuse(container: keyof typeof REFUSALS, fileName: string): never {
  const { code, is, hint } = REFUSALS[container];
  throw new ZoetropeError(code, { message: `${fileName} ${is}`, hint });
}
