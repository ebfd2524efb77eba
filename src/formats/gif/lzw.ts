/**
 * The compression of GIF pictures: variable-length-code LZW, least significant bit first (GIF89a appendix F), in sub-blocks of
 * at most 255 bytes with their length before them and an empty one at the end (section 15).
 */

const mostCodeBits = 12;
const mostCodes = 1 << mostCodeBits;
/** Four times as many places as codes: a search seldom meets a taken one. */
const places = 4 * mostCodes;
const free = -1;

/**
 * @param indices one per pixel, each below 2^colourBits
 * @param colourBits 2-8
 * @returns the minimum code size, the sub-blocks and the terminator
 */
export function lzwEncode(indices: Uint8Array, colourBits: number): Uint8Array<ArrayBuffer> {
  const clearCode = 1 << colourBits;
  const endCode = clearCode + 1;
  const dictionary = new Int32Array(places).fill(free); // prefix code << 8 | index
  const codes = new Uint16Array(places);
  const out = new SubBlocks(colourBits, indices.length);

  let codeBits = colourBits + 1;
  let nextCode = endCode + 1;
  out.write(clearCode, codeBits);
  let prefix = indices[0] ?? 0;
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    const key = (prefix << 8) | index;
    let place = Math.imul(key, 0x9e3779b1) >>> 18; // Fibonacci hashing to 14 bits
    while (dictionary[place] !== key && dictionary[place] !== free) place = (place + 1) & (places - 1);
    if (dictionary[place] === key) {
      prefix = codes[place]!;
      continue;
    }
    out.write(prefix, codeBits);
    if (nextCode < mostCodes) {
      // The decoder is one code behind: widths grow when the code after the widest is given out.
      if (nextCode === 1 << codeBits) codeBits += 1;
      dictionary[place] = key;
      codes[place] = nextCode++;
    } else {
      out.write(clearCode, codeBits);
      dictionary.fill(free);
      codeBits = colourBits + 1;
      nextCode = endCode + 1;
    }
    prefix = index;
  }
  if (indices.length > 0) out.write(prefix, codeBits);
  // The decoder has learnt one more string by now.
  if (nextCode === 1 << codeBits && codeBits < mostCodeBits) codeBits += 1;
  out.write(endCode, codeBits);
  return out.finish();
}

/** Codes of any width, packed from the low bit up and cut into sub-blocks. */
class SubBlocks {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 1;
  /** Position of the current sub-block's length byte. */
  #block = 1;
  #bits = 0;
  #bitCount = 0;

  constructor(colourBits: number, pixels: number) {
    this.#bytes = new Uint8Array(1024 + (pixels >> 1));
    this.#bytes[0] = colourBits;
    this.#length = 2;
  }

  write(code: number, bits: number): void {
    this.#bits |= code << this.#bitCount;
    this.#bitCount += bits;
    while (this.#bitCount >= 8) {
      this.#push(this.#bits & 0xff);
      this.#bits >>>= 8;
      this.#bitCount -= 8;
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#bitCount > 0) this.#push(this.#bits & 0xff);
    const inBlock = this.#length - this.#block - 1;
    this.#bytes[this.#block] = inBlock;
    // A block that has just been begun is already the terminator.
    if (inBlock === 0) return this.#bytes.slice(0, this.#length);
    this.#reserve();
    this.#bytes[this.#length++] = 0;
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    this.#reserve();
    this.#bytes[this.#length++] = byte;
    if (this.#length - this.#block - 1 === 255) {
      this.#bytes[this.#block] = 255;
      this.#block = this.#length++;
    }
  }

  #reserve(): void {
    if (this.#length + 2 < this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
