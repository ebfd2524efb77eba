/**
 * Zoetrope's process of bench/clip.ts: runs `zoetrope render` with the same options, times each phase and prints JSON.
 *   npx tsx bench/clip-engine.ts --prompt TEXT --out OUT.gif …
 */

import { parseRenderArguments } from "../src/cli/arguments.ts";
import { render } from "../src/cli/render.ts";
import { peakBytes } from "./engine-process.ts";

export type ClipPhase = "text" | "denoise" | "decode";

/**
 * Wall and processor seconds of each phase. `openS` covers reading, converting and opening everything that the first step needs;
 * `peakBytes` is the process's largest resident set.
 */
export interface ClipFigures {
  readonly openS: number;
  readonly wallS: Readonly<Record<ClipPhase, number>>;
  readonly cpuS: Readonly<Record<ClipPhase, number>>;
  readonly peakBytes: number;
}

const wallS: Record<string, number> = {};
const cpuS: Record<string, number> = {};
let phase = "open";
let began = performance.now();
let cpu = process.cpuUsage();

await render(parseRenderArguments(process.argv.slice(2)), new AbortController().signal, (line) => {
  if (/^(convert|text|load|denoise|decode)$/.test(line)) enter(line);
});
enter("written");
const figures: ClipFigures = {
  openS: ["open", "convert", "load"].reduce((sum, name) => sum + (wallS[name] ?? 0), 0),
  wallS: wallS as ClipFigures["wallS"],
  cpuS: cpuS as ClipFigures["cpuS"],
  peakBytes: peakBytes(),
};
console.log(JSON.stringify(figures));

function enter(next: string): void {
  const { user, system } = process.cpuUsage(cpu);
  wallS[phase] = (wallS[phase] ?? 0) + (performance.now() - began) / 1000;
  cpuS[phase] = (cpuS[phase] ?? 0) + (user + system) / 1e6;
  [phase, began, cpu] = [next, performance.now(), process.cpuUsage()];
}
