/** Merges events that come up while a generator works on its next item into the generator's stream, as soon as they come up. */

export class EventChannel<Event> {
  readonly #sent: Event[] = [];
  #wake: () => void = () => undefined;

  send(event: Event): void {
    this.#sent.push(event);
    this.#wake();
  }

  /** Yields `items` and, between them, the events that were sent meanwhile. An event sent before an item comes before it. */
  async *merge(items: AsyncGenerator<Event, void>): AsyncGenerator<Event, void> {
    try {
      let next = items.next();
      while (true) {
        const woken = new Promise<null>((resolve) => {
          this.#wake = () => resolve(null);
        });
        while (this.#sent.length > 0) yield this.#sent.shift()!;
        const result = await Promise.race([next, woken]);
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
