/**
 * Gaussian noise as torch draws it: the same seed gives the same numbers as `torch.randn` on a CPU (fp32, to about 2.4e-7).
 * Engine: MT19937 (Matsumoto & Nishimura 1998). Normals: Box-Muller, in torch's two variants (below 16 values, and from 16 on).
 */

import { ZoetropeError } from "../errors.ts";

const STATE_SIZE = 624;
const SHIFT = 397;
const BLOCK = 16;
const TWO_PI = Math.fround(2 * Math.PI);

class MersenneTwister {
  readonly #state = new Uint32Array(STATE_SIZE);
  #next = STATE_SIZE;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < STATE_SIZE; i++) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** A uniform whole number below 2^32. */
  next(): number {
    if (this.#next === STATE_SIZE) this.#twist();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % STATE_SIZE]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % STATE_SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

/** `torch.Generator("cpu").manual_seed(seed)`. */
export class TorchGenerator {
  readonly #engine: MersenneTwister;
  /** The second half of a scalar Box-Muller pair; survives until the next scalar draw, whatever is drawn between. */
  #spare: number | null = null;

  /** @throws ZoetropeError `noise/seed` unless the seed is a whole number, not negative and (as a number) at most 2^53 */
  constructor(seed: number | bigint) {
    if (seed < 0 || (typeof seed === "number" && (!Number.isInteger(seed) || seed > 2 ** 53))) {
      throw new ZoetropeError("noise/seed", {
        message: `The seed must be a whole number from 0 to 2^53; it is ${seed}.`,
        hint: "Choose another seed.",
      });
    }
    // Torch seeds its engine with the low 32 bits only.
    this.#engine = new MersenneTwister(Number(BigInt(seed) & 0xffffffffn));
  }

  /** `torch.randn(n)`: n normals of mean 0 and variance 1. A tensor is one draw of all its elements in row-major order. */
  randn(n: number): Float32Array<ArrayBuffer> {
    if (n < BLOCK) return Float32Array.from({ length: n }, () => this.#normal());
    const values = this.#uniforms(n);
    for (let offset = 0; offset + BLOCK <= n; offset += BLOCK) boxMuller(values.subarray(offset, offset + BLOCK));
    if (n % BLOCK !== 0) {
      // torch does not transform a remainder; it draws the last sixteen anew instead.
      const tail = this.#uniforms(BLOCK);
      boxMuller(tail);
      values.set(tail, n - BLOCK);
    }
    return values;
  }

  /** `torch.randint(below, (n,))`: whole numbers from 0, for bounds below 2^32. */
  randint(below: number, n: number): number[] {
    return Array.from({ length: n }, () => this.#engine.next() % below);
  }

  /** `torch.randperm(n)`: the numbers below n in random order. */
  randperm(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.#engine.next() % (n - i));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** fp32 uniforms in [0, 1) with 24 random bits. */
  #uniforms(n: number): Float32Array<ArrayBuffer> {
    const values = new Float32Array(n);
    for (let i = 0; i < n; i++) values[i] = (this.#engine.next() & 0xffffff) / 2 ** 24;
    return values;
  }

  /** A double uniform in [0, 1) with 53 random bits; the first draw is the high word. */
  #uniform53(): number {
    const high = this.#engine.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#engine.next()) / 2 ** 53;
  }

  #normal(): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return value;
    }
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Sixteen fp32 uniforms become sixteen normals in place, value i paired with value i + 8. */
function boxMuller(block: Float32Array): void {
  const half = BLOCK / 2;
  for (let i = 0; i < half; i++) {
    const logarithm = Math.fround(Math.log(1 - block[i]!));
    const radius = Math.fround(Math.sqrt(-2 * logarithm));
    const angle = Math.fround(TWO_PI * block[i + half]!);
    block[i] = radius * Math.fround(Math.cos(angle));
    block[i + half] = radius * Math.fround(Math.sin(angle));
  }
}

/** A clip of latents. */
export interface LatentShape {
  readonly frames: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Noise for a clip as the reference pipelines draw it, [1, C, F, h, w], handed over as [F, C, h, w]. */
export function clipNoise(generator: TorchGenerator, shape: LatentShape): Float32Array<ArrayBuffer> {
  const { frames, channels, height, width } = shape;
  const picture = height * width;
  const drawn = generator.randn(channels * frames * picture);
  const noise = new Float32Array(drawn.length);
  for (let c = 0; c < channels; c++) {
    for (let f = 0; f < frames; f++) {
      const from = (c * frames + f) * picture;
      noise.set(drawn.subarray(from, from + picture), (f * channels + c) * picture); // [C, F] -> [F, C]
    }
  }
  return noise;
}

/**
 * Noise between two noises, by spherical interpolation: unlike a mixture it keeps its variance, which a model relies on
 * (Shoemake 1985, "Animating rotation with quaternion curves", for vectors of any length).
 * @param share 0 gives `from`, 1 gives `to`
 */
export function turnNoise(from: Float32Array, to: Float32Array, share: number): Float32Array<ArrayBuffer> {
  let [dot, fromSquared, toSquared] = [0, 0, 0];
  for (let i = 0; i < from.length; i++) {
    dot += from[i]! * to[i]!;
    fromSquared += from[i]! ** 2;
    toSquared += to[i]! ** 2;
  }
  const angle = Math.acos(dot / Math.sqrt(fromSquared * toSquared));
  const [a, b] = [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)];
  return Float32Array.from(from, (x, i) => a * x + b * to[i]!);
}
