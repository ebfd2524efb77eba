/** Unpacks the compression of GIF pictures: variable-length-code LZW in sub-blocks (GIF89a appendix F). */

const MOST_CODES = 4096;

/**
 * @param at place of the minimum code size, which the sub-blocks follow
 * @param count the most indices that are wanted
 * @returns the indices; fewer where the data ends early
 */
export function lzwDecode(gif: Uint8Array, at: number, count: number): Uint8Array {
  const rootBits = Math.min(gif[at]!, 11);
  const [clearCode, endCode] = [1 << rootBits, (1 << rootBits) + 1];
  // Each code is the string of another code and one more index.
  const prefixes = new Uint16Array(MOST_CODES);
  const suffixes = new Uint8Array(MOST_CODES);
  const lengths = new Uint16Array(MOST_CODES);
  for (let code = 0; code < clearCode; code++) [suffixes[code], lengths[code]] = [code, 1];
  const indices = new Uint8Array(count);
  let [nextCode, codeBits, previous, filled] = [endCode + 1, rootBits + 1, -1, 0];
  const bits = new BitReader(gif, at + 1);
  while (filled < count) {
    const code = bits.read(codeBits);
    if (code < 0 || code === endCode) break;
    if (code === clearCode) {
      [nextCode, codeBits, previous] = [endCode + 1, rootBits + 1, -1];
      continue;
    }
    if (code > nextCode || (code === nextCode && previous < 0) || (previous < 0 && code > clearCode)) break; // damaged
    if (previous >= 0 && nextCode < MOST_CODES) {
      prefixes[nextCode] = previous;
      lengths[nextCode] = lengths[previous]! + 1;
      suffixes[nextCode] = firstOf(code === nextCode ? previous : code);
      nextCode += 1;
      if (nextCode === 1 << codeBits && codeBits < 12) codeBits += 1;
    } else if (code >= nextCode) break;
    const length = lengths[code]!;
    for (let i = length - 1, from = code; i >= 0; i--, from = prefixes[from]!)
      if (filled + i < count) indices[filled + i] = suffixes[from]!;
    filled += length;
    previous = code;
  }
  return indices.subarray(0, Math.min(filled, count));

  function firstOf(code: number): number {
    let first = code;
    while (first > endCode) first = prefixes[first]!;
    return suffixes[first]!;
  }
}

/** Codes of any width, packed from the low bit up, out of sub-blocks with their length before them. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #left = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** -1 at the end. */
  read(count: number): number {
    while (this.#bitCount < count) {
      if (this.#left === 0) {
        this.#left = this.#bytes[this.#at++] ?? 0;
        if (this.#left === 0) return -1;
      }
      this.#bits |= (this.#bytes[this.#at++] ?? 0) << this.#bitCount;
      this.#bitCount += 8;
      this.#left -= 1;
    }
    const code = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return code;
  }
}
