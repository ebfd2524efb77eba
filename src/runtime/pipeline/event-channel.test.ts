import { expect, it } from "vitest";
import { Aside } from "./event-channel.ts";

/** A generator that waits for `release` before each of its items, and notes that it has been ended. */
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

it("what is said while an item is being made comes before it, in its order", async () => {
  const aside = new Aside<string>();
  const source = waiting(["step"]);
  const events = aside.along(source.items);
  const first = events.next();
  aside.say("overflow");
  aside.say("again in full");
  expect((await first).value).toBe("overflow");
  expect((await events.next()).value).toBe("again in full");
  const item = events.next();
  source.release();
  expect((await item).value).toBe("step");
  expect((await events.next()).done).toBe(true);
});

it("what was said before begins it, and nothing said leaves the items alone", async () => {
  const aside = new Aside<string>();
  aside.say("before");
  const plain = async function* () {
    yield "one";
    yield "two";
  };
  expect(await collect(aside.along(plain()))).toEqual(["before", "one", "two"]);
  expect(await collect(aside.along(plain()))).toEqual(["one", "two"]);
});

it("whoever stops listening ends the items, and their failure goes through", async () => {
  const aside = new Aside<string>();
  const source = waiting(["one", "two"]);
  const events = aside.along(source.items);
  const first = events.next();
  source.release();
  await first;
  await events.return();
  expect(source.ended()).toBe(true);
  // biome-ignore lint/correctness/useYield: it fails before its first item
  const failing = async function* (): AsyncGenerator<string, void> {
    throw new Error("lost");
  };
  await expect(collect(aside.along(failing()))).rejects.toThrow("lost");
});
