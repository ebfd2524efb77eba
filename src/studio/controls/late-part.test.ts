import { expect, it } from "vitest";
import { latePart } from "./late-part.ts";

it("is fetched once, and is there from then on", async () => {
  let fetches = 0;
  const part = latePart(async () => ++fetches);
  expect(part.now()).toBeNull();
  expect(await Promise.all([part.fetched(), part.fetched()])).toEqual([1, 1]);
  expect(part.now()).toBe(1);
});

it("says so when it cannot be fetched, and is asked for again", async () => {
  let online = false;
  const part = latePart(async () => {
    if (!online) throw new TypeError("Failed to fetch");
    return "here";
  });
  await expect(part.fetched()).rejects.toMatchObject({ code: "page/part" });
  online = true;
  expect(await part.fetched()).toBe("here");
});
