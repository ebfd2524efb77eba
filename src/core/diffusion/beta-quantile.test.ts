import { expect, test } from "vitest";
import { expectClose } from "../testing/close.ts";
import { numbers } from "../testing/fixtures.ts";
import { betaQuantile } from "./beta-quantile.ts";

test("quantiles of Beta(0.6, 0.6) are scipy's, from 0 to 1", () => {
  const found = Array.from({ length: 41 }, (_, k) => betaQuantile(k / 40, 0.6));
  expectClose(found, numbers("beta_quantiles"), { maxAbs: 1e-7 });
  expect([found[0], found[40]]).toEqual([0, 1]);
});
