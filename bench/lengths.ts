/**
 * Measures what longer clips cost: processor time and peak memory of `zoetrope render` with Mini, for several numbers of frames, each in
 * a process of its own, in windows of 16. Linux only. Prints Markdown:
 *   npx tsx bench/lengths.ts [--frames 16,64,256] [--steps 4] [--size 128] [--rounds 3] [--threads 1]
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "../src/core/animation/seam.ts";

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "16,64,256" },
    steps: { type: "string", default: "4" },
    size: { type: "string", default: "128" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
  },
});
const LOOK_EVERY_MS = 50;

interface Cost {
  readonly cpuS: number;
  readonly peakMb: number;
}

const folder = mkdtempSync(join(tmpdir(), "zoetrope-lengths-"));
try {
  const lengths = values.frames.split(",").map(Number);
  const costs = new Map<number, Cost[]>(lengths.map((frames) => [frames, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const frames of lengths) costs.get(frames)!.push(await renderOnce(frames));
  console.log("| frames | windows | processor s | a frame, ms | peak MB |\n|---|---|---|---|---|");
  for (const [frames, all] of costs) {
    const [cpuS, peakMb] = [median(all.map((cost) => cost.cpuS)), median(all.map((cost) => cost.peakMb))];
    // Windows of 16 that share 4 frames.
    const windows = frames <= 16 ? 1 : Math.ceil((frames - 4) / 12);
    console.log(
      `| ${frames} | ${windows} | ${cpuS.toFixed(1)} | ${((1000 * cpuS) / frames).toFixed(0)} | ${peakMb.toFixed(0)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function renderOnce(frames: number): Promise<Cost> {
  const args = ["render", "--prompt", "a red heart bouncing on a white background", "--seed", "1", "--no-cache"];
  const size = ["--width", values.size, "--height", values.size, "--frames", `${frames}`];
  const more = ["--steps", values.steps, "--threads", values.threads, "--out", join(folder, "clip.gif")];
  const child = spawn(process.execPath, ["src/cli/zoetrope.mjs", ...args, ...size, ...more], { stdio: "ignore" });
  let cost: Cost = { cpuS: 0, peakMb: 0 };
  // Both figures only grow, so that the last look is right to a few milliseconds.
  const watch = setInterval(() => {
    cost = costOf(child.pid!) ?? cost;
  }, LOOK_EVERY_MS);
  const status = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(watch);
  if (status !== 0) throw new Error(`${frames} frames ended with status ${status}.`);
  return cost;
}

/** null once the process has ended. */
function costOf(pid: number): Cost | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc(5): utime and stime are the fields 14 and 15, in ticks of 1/100 s; the name before them ends with a bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    if (peak === null) return null;
    return { cpuS: (Number(fields[11]) + Number(fields[12])) / 100, peakMb: (1024 * Number(peak[1])) / 1e6 };
  } catch {
    return null;
  }
}
