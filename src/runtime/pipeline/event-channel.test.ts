import { expect, it } from "vitest";
import { EventChannel } from "./event-channel.ts";

/** A generator that waits for `release` before each of its items, and notes that it was ended. */
function waiting(items: readonly string[]) {
  let release = () => {};
  let ended = false;
  const generate = async function* () {
    try {
      for (const item of items) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield item;
      }
    } finally {
      ended = true;
    }
  };
  return { items: generate(), release: () => release(), ended: () => ended };
}

async function collect(events: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const event of events) all.push(event);
  return all;
}

it("events sent while an item is being made come before it, in their order", async () => {
  const channel = new EventChannel<string>();
  const source = waiting(["step"]);
  const events = channel.merge(source.items);
  const first = events.next();
  channel.send("overflow");
  channel.send("again at full precision");
  expect((await first).value).toBe("overflow");
  expect((await events.next()).value).toBe("again at full precision");
  const item = events.next();
  source.release();
  expect((await item).value).toBe("step");
  expect((await events.next()).done).toBe(true);
});

it("events sent before the merge begin it, and without any the items are left alone", async () => {
  const channel = new EventChannel<string>();
  channel.send("before");
  const plain = async function* () {
    yield "one";
    yield "two";
  };
  expect(await collect(channel.merge(plain()))).toEqual(["before", "one", "two"]);
  expect(await collect(channel.merge(plain()))).toEqual(["one", "two"]);
});

it("an event that a generator sends right before its item comes before the item", async () => {
  const channel = new EventChannel<string>();
  const sending = async function* () {
    channel.send("a");
    yield "one";
    channel.send("b");
    yield "two";
    channel.send("c");
    await Promise.resolve();
    channel.send("d");
    yield "three";
  };
  expect(await collect(channel.merge(sending()))).toEqual(["a", "one", "b", "two", "c", "d", "three"]);
});

it("a receiver that stops ends the items, and their failure reaches it", async () => {
  const channel = new EventChannel<string>();
  const source = waiting(["one", "two"]);
  const events = channel.merge(source.items);
  const first = events.next();
  source.release();
  await first;
  await events.return();
  expect(source.ended()).toBe(true);
  // biome-ignore lint/correctness/useYield: it fails before its first item
  const failing = async function* (): AsyncGenerator<string, void> {
    throw new Error("lost");
  };
  await expect(collect(channel.merge(failing()))).rejects.toThrow("lost");
});
