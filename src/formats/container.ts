/** Tells from its first bytes what kind of file someone chose as a model, because names and endings are often wrong. */

export type Container =
  | "safetensors"
  /** A zip archive, which is what torch.save writes since PyTorch 1.6. */
  | "pytorch-zip"
  /** A bare pickle of protocol 2 to 5, which older versions of torch.save wrote. */
  | "pytorch-pickle"
  | "gguf"
  | "web-page"
  /** A Git LFS pointer: a short text that names the real file. */
  | "git-lfs"
  | "text"
  | "unknown";

/** First bytes of a file that `recogniseContainer` looks at. */
export const CONTAINER_HEAD_BYTES = 1024;

const GGUF_MAGIC = [0x47, 0x47, 0x55, 0x46];
const BYTE_ORDER_MARK = /^\u00ef\u00bb\u00bf/;

/** @param head the first `CONTAINER_HEAD_BYTES` of the file, or all of a shorter one */
export function recogniseContainer(head: Uint8Array): Container {
  if (startsWith(head, 0x50, 0x4b, 3, 4)) return "pytorch-zip";
  if (startsWith(head, ...GGUF_MAGIC)) return "gguf";
  // Eight bytes of header length, then a JSON object.
  if (head[8] === 0x7b) return "safetensors";
  const text = new TextDecoder("latin1").decode(head.subarray(0, 512)).trimStart();
  if (/^(<!doctype|<html|<head|<\?xml|<body)/i.test(text.replace(BYTE_ORDER_MARK, ""))) return "web-page";
  if (text.startsWith("version https://git-lfs")) return "git-lfs";
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return "pytorch-pickle";
  if (/^[\s -~]+$/.test(text.slice(0, 64))) return "text";
  return "unknown";
}

function startsWith(head: Uint8Array, ...bytes: number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}
