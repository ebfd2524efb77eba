/**
 * 200 small jobs on 2 workers over Redis with its append-only file on. A worker is killed every 10 s, Redis is killed and restarted once,
 * and 10 jobs are cancelled. Every other job's GIF must be there once, and equal a single machine's byte for byte.
 *
 *     npx tsx bench/farm-chaos.ts [JOBS]
 */

import { runChaos } from "../src/farm/testing/chaos.ts";

const jobs = Number(process.argv[2] ?? 200);
const wreckage = await runChaos({
  ...{ jobs, cancels: 10, workers: 2, killEveryMs: 10_000, kills: Number.POSITIVE_INFINITY, restartAfter: jobs / 4 },
  log: console.error,
});
console.log(wreckage);
const { lost, different, twice, strangers } = wreckage;
process.exit([lost, different, twice, strangers].every((list) => list.length === 0) ? 0 : 1);
