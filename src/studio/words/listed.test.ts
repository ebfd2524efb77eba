import { expect, it } from "vitest";
import { listed } from "./listed.ts";

it("names a few and counts the rest", () => {
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c", "d"])).toBe("a, b, c, d");
  expect(listed(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});
