/** Decodes a GIF into whole pictures, as players show it. */

import { ZoetropeError } from "../../core/errors.ts";
import { type GifPictures, readGif } from "../../formats/gif/reader.ts";

/** @throws ZoetropeError `gif/damaged`, `gif/no-pictures` or `gif/too-large` */
export function decodeGif(bytes: Uint8Array, name: string): GifPictures {
  const gif = read(bytes, name);
  if (gif.frames.length === 0) {
    throw new ZoetropeError("gif/no-pictures", { message: `${name} holds no pictures.`, hint: "Choose another file." });
  }
  return gif;
}

function read(bytes: Uint8Array, name: string): GifPictures {
  try {
    return readGif(bytes);
  } catch (cause) {
    if (cause instanceof ZoetropeError && cause.code === "gif/too-large") throw cause;
    throw new ZoetropeError("gif/damaged", { message: `${name} is not a whole GIF.`, hint: "Choose another file.", cause });
  }
}
