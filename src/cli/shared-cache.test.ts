import { expect, it } from "vitest";
import { shareCache } from "./testing/shared-cache.ts";

it("two processes share a cache that is cleared and pruned, though one of them is killed", { timeout: 300_000 }, async () => {
  const result = await shareCache({ rounds: 3, killEvery: 2, log: () => undefined });
  expect(result).toMatchObject({ renders: 5, kills: 1, wrong: [], partial: [], left: [] });
});
