/**
 * What the network predicted for a clip so far, so that a stopped clip can go on: sampled again from its seed, it is given these
 * predictions instead of computing them, and so reaches exactly the state at which it was stopped, whatever the sampler remembers.
 */

interface Kept {
  /** Of the call within its pass. */
  readonly index: number;
  readonly values: Float32Array;
}

const MOST_BYTES = 256e6;

export class Predictions {
  readonly #mostBytes: number;
  #kept: Kept[] = [];
  #next = 0;
  #bytes = 0;
  #tooLarge = false;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** The number of calls that need not be computed again. */
  get count(): number {
    return this.#kept.length;
  }

  /** Whether the next call is known. */
  get knowsNext(): boolean {
    return this.#next < this.#kept.length;
  }

  /** The prediction of the next call: the known one, or what `compute` returns, which is then known. */
  async next(index: number, compute: () => Promise<Float32Array>): Promise<Float32Array> {
    const known = this.#kept[this.#next];
    if (known !== undefined) {
      this.#next += 1;
      // A sampler may write into it.
      return known.values.slice();
    }
    const values = await compute();
    this.#keep({ index, values: values.slice() });
    return values;
  }

  /**
   * Begins again from the first call.
   * @param stepCache every how many calls the network is computed whole; the others need what the last whole call left in memory, so
   * that the first call to be computed must be a whole one
   */
  rewind(stepCache: number): void {
    while (this.#kept.length > 0 && (this.#kept.at(-1)!.index + 1) % stepCache !== 0)
      this.#bytes -= this.#kept.pop()!.values.byteLength;
    this.#next = 0;
  }

  #keep(kept: Kept): void {
    this.#bytes += kept.values.byteLength;
    if (this.#tooLarge || this.#bytes > this.#mostBytes) {
      this.#tooLarge = true;
      this.#kept = [];
      return;
    }
    this.#kept.push(kept);
    this.#next = this.#kept.length;
  }
}
