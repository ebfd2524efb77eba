/**
 * Two processes render over one folder of converted models with limits of none to all, while it is cleared and pruned, and one of them is
 * killed in every fifth round. Every clip must be that of a process alone, and no shard may be seen in part.
 *
 *     npx tsx bench/shared-cache.ts [ROUNDS]
 */

import { shareCache } from "../src/cli/testing/shared-cache.ts";

const result = await shareCache({ rounds: Number(process.argv[2] ?? 100), killEvery: 5, log: console.error });
console.log(result);
const { wrong, partial, left } = result;
process.exit([wrong, partial, left].every((list) => list.length === 0) ? 0 : 1);
