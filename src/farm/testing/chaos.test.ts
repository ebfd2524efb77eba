/** The reduced form of bench/farm-chaos.ts. */

import { expect, it } from "vitest";
import { runChaos } from "./chaos.ts";

it("workers that are killed and a Redis that is restarted lose no job and make none twice", async () => {
  const {
    takeovers: _,
    seconds: __,
    ...wreckage
  } = await runChaos({
    ...{ jobs: 12, cancels: 2, workers: 2, killEveryMs: 1500, kills: 1, restartAfter: 4 },
    log: () => undefined,
  });
  expect(wreckage).toEqual({ cancelled: 2, lost: [], different: [], twice: [], strangers: [], kills: 1, restarts: 1 });
}, 180_000);
