/** The bytes of a pickle as the arguments of its opcodes. Every read is checked against the end before anything is made of it. */

/** Thrown when a pickle asks for bytes beyond those at hand. Callers that hold only the beginning of a file read more and start again. */
export class PickleEnd extends Error {}

/** Longer whole numbers than any model needs would only cost time to convert. */
const MOST_DIGITS = 1000;

const UTF8 = new TextDecoder();
const LATIN1 = new TextDecoder("latin1");

export class PickleInput {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, begin: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = begin;
  }

  get position(): number {
    return this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Lengths above 2^53 lose digits, which does not matter: no file is that long. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** BINFLOAT is the one big-endian number of the format. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view of the next bytes; nothing is copied. */
  bytes(length: number): Uint8Array {
    const begin = this.#advance(length);
    return this.#bytes.subarray(begin, begin + length);
  }

  text(length: number): string {
    return UTF8.decode(this.bytes(length));
  }

  latin1(length: number): string {
    return LATIN1.decode(this.bytes(length));
  }

  /** Checks that this many bytes follow, and takes none of them. */
  require(length: number): void {
    if (length > this.#bytes.byteLength - this.#at) throw new PickleEnd();
  }

  /** Text up to the next line feed, which is consumed. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new PickleEnd();
    const line = this.text(end - this.#at);
    this.#at = end + 1;
    return line;
  }

  /** A little-endian two's complement number; null when it has more digits than any model needs. */
  integer(length: number): number | bigint | null {
    const bytes = this.bytes(length);
    if (length > MOST_DIGITS) return null;
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return smallest(BigInt.asIntN(8 * length, value));
  }

  #advance(length: number): number {
    this.require(length);
    const begin = this.#at;
    this.#at = begin + length;
    return begin;
  }
}

/** A decimal number as protocol 0 writes it; null when it is none, or longer than any model needs. */
export function decimal(text: string): number | bigint | null {
  return text.length <= MOST_DIGITS && /^[+-]?\d+$/.test(text) ? smallest(BigInt(text.replace("+", ""))) : null;
}

/** A number where it is exact, else a bigint. */
function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
