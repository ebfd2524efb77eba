import { expect, it } from "vitest";
import { bytesWords } from "./amounts.ts";

it("says amounts with three figures in the unit that suits them", () => {
  expect([0, 999, 1000, 812_400, 24_812_000, 999_900_000, 4_265_000_000].map(bytesWords)).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "812 kB",
    "24.8 MB",
    "1 GB",
    "4.26 GB",
  ]);
});
