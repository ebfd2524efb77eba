/**
 * Writes listings.txt.gz: names, types and shapes of every tensor of some safetensors files, without their values.
 * Usage: npx tsx src/models/testing/make-listings.ts NAME=FILE.safetensors …
 */

import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "fflate";
import { bufferSource } from "../../formats/byte-source.ts";
import { openTensorFile } from "../../formats/open-tensor-file.ts";

async function listing(argument: string): Promise<string> {
  const [name, path] = argument.split("=") as [string, string];
  const { tensors } = await openTensorFile(bufferSource(readFileSync(path), name));
  const lines = [...tensors.values()].map(({ dtype, shape, name: key }) => `${key} ${dtype} ${shape.join("x")}`);
  return [`= ${name}`, ...lines.sort()].join("\n");
}

Promise.all(process.argv.slice(2).map(listing)).then((listings) => {
  writeFileSync(
    new URL("listings.txt.gz", import.meta.url),
    gzipSync(new TextEncoder().encode(listings.join("\n")), { level: 9, mtime: 0 }),
  );
});
