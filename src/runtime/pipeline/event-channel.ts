/** Events that come up while an item of a stream is still under way, brought into the stream as soon as they are there. */

export class Aside<Event> {
  readonly #said: Event[] = [];
  #wake: () => void = () => undefined;

  say(event: Event): void {
    this.#said.push(event);
    this.#wake();
  }

  /** `items`, and between them what is said meanwhile. */
  async *along(items: AsyncGenerator<Event, void>): AsyncGenerator<Event, void> {
    try {
      let next = items.next();
      while (true) {
        const spoken = new Promise<null>((resolve) => {
          this.#wake = () => resolve(null);
        });
        while (this.#said.length > 0) yield this.#said.shift()!;
        const result = await Promise.race([next, spoken]);
        if (result === null) continue;
        if (result.done === true) return;
        yield result.value;
        next = items.next();
      }
    } finally {
      await items.return();
    }
  }
}
