/** What bench/unet.ts and bench/clip.ts share: engines that run in processes of their own, and how their results are compared. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { median } from "./open-graph.ts";

export interface Rival {
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
}

/** Whose numbers the others' are held against. */
export const reference = "torch-fp32";

/** Runs one to its end; its last line is JSON. */
export function run<Figures>([command, ...args]: readonly string[]): Figures {
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Figures;
}

/** Of one engine's seconds to another's in the same round, median over the rounds; nothing where the other did not run. */
export function ratio<Figures>(
  rounds: readonly ReadonlyMap<string, Figures>[],
  id: string,
  other: string,
  seconds: (figures: Figures) => number,
): string {
  if (!rounds[0]!.has(other)) return "";
  return `${median(rounds.map((round) => seconds(round.get(id)!) / seconds(round.get(other)!))).toFixed(2)}×`;
}

export function relativeRmse(actual: Float32Array, wanted: Float32Array): string {
  const squares = (difference: (i: number) => number) => actual.reduce((sum, _, i) => sum + difference(i) ** 2, 0);
  return Math.sqrt(squares((i) => actual[i]! - wanted[i]!) / squares((i) => wanted[i]!)).toExponential(1);
}

/** The largest resident set of this process (Linux). */
export function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
}
