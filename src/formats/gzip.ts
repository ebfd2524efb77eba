/** Gunzip with the platform's own decompressor (browsers and Node alike). */

import { ZoetropeError } from "../core/errors.ts";

/** True if the bytes begin like a gzip member (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @throws ZoetropeError `gzip/damaged`, naming the file */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new ZoetropeError("gzip/damaged", {
      message: `${name} is damaged: it does not decompress.`,
      hint: "Download it again.",
      cause,
    });
  }
}
