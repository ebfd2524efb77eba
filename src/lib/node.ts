/** What the package needs of Node: onnxruntime-node, and files of the disk. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export { createNodeBackend } from "../runtime/node/backend.ts";
export { fileSource, modelFiles } from "../runtime/node/file-source.ts";

/** Reads a file of the package's folder `public`. */
export async function readShipped(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(fileURLToPath(new URL(`../../public/${path}`, import.meta.url))));
}
