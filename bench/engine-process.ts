/** Runs the engines of bench/unet.ts and bench/clip.ts in processes of their own, and compares their results. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { median } from "./open-graph.ts";

export interface EngineProcess {
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
}

/** The engine that the others' results are compared with. */
export const reference = "torch-fp32";

/** Runs an engine to its end and parses the last line of its output, which is JSON. */
export function run<Figures>([command, ...args]: readonly string[]): Figures {
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${args.join(" ")} failed:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Figures;
}

/** Median over the rounds of one engine's seconds divided by another's in the same round; empty if the other did not run. */
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
