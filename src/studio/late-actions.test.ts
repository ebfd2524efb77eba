import { expect, it } from "vitest";
import { latePart } from "./controls/late-part.ts";
import { lateActions } from "./late-actions.ts";
import { createStudioStore } from "./store/studio-store.ts";

it("the first call fetches the program; a later one runs at once", async () => {
  const typed: string[] = [];
  const part = latePart(async () => ({ type: (text: string) => typed.push(text) }));
  const { type } = lateActions(createStudioStore(), part, ["type"]);
  const first = type("a");
  expect(typed).toEqual([]);
  expect(await first).toBe(1);
  expect(type("b")).toBe(2);
  expect(typed).toEqual(["a", "b"]);
});

it("a program that cannot be fetched is told", async () => {
  const store = createStudioStore();
  const part = latePart<{ save: () => void }>(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(lateActions(store, part, ["save"]).save()).rejects.toMatchObject({ code: "page/part" });
  expect(JSON.stringify(store.getState().messages)).toContain("A part of the page could not be fetched.");
});
