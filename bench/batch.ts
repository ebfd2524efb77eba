/**
 * Times a batch of small clips by Mini beside as many calls of `render`, and a second run of the same batch. Prints Markdown:
 *   npx tsx bench/batch.ts [--clips 20] [--calls 20] [--size 64] [--frames 8] [--steps 4] [--threads 1]
 * Converted models are not kept between runs on either side. `--calls` may be fewer: their time is scaled to the clips.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    clips: { type: "string", default: "20" },
    calls: { type: "string", default: "20" },
    size: { type: "string", default: "64" },
    frames: { type: "string", default: "8" },
    steps: { type: "string", default: "4" },
    threads: { type: "string", default: "1" },
  },
});
const [clips, calls] = [Number(values.clips), Number(values.calls)];
const folder = mkdtempSync(join(tmpdir(), "zoetrope-bench-"));
const common = [
  ...["--prompt", "a red heart bouncing on a white background", "--width", values.size, "--height", values.size],
  ...["--frames", values.frames, "--steps", values.steps, "--threads", values.threads, "--no-cache"],
];

/** Wall and processor seconds of one command. */
interface Cost {
  readonly wallS: number;
  readonly cpuS: number;
}

function run(args: readonly string[]): Cost {
  const [started, before] = [performance.now(), childCpuS()];
  const { status, stderr } = spawnSync(process.execPath, ["src/cli/zoetrope.mjs", ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return { wallS: (performance.now() - started) / 1000, cpuS: childCpuS() - before };
}

/** Of all children that have ended; Linux only. */
function childCpuS(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // proc(5): cutime and cstime are the fields 16 and 17, in ticks of 1/100 s; the name before them ends with a bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

const add = (a: Cost, b: Cost): Cost => ({ wallS: a.wallS + b.wallS, cpuS: a.cpuS + b.cpuS });
const batch = () => run(["batch", ...common, "--grid", `seed=1..${clips}`, "--out", join(folder, "batch")]);

try {
  const first = batch();
  const second = batch();
  let single: Cost = { wallS: 0, cpuS: 0 };
  for (let i = 1; i <= calls; i++)
    single = add(single, run(["render", ...common, "--seed", `${i}`, "--out", join(folder, `${i}.gif`)]));
  const scaled = { wallS: (single.wallS * clips) / calls, cpuS: (single.cpuS * clips) / calls };
  console.log(
    `${clips} clips of ${values.frames} frames of ${values.size}×${values.size}, ${values.steps} steps, threads: ${values.threads}\n`,
  );
  console.log("| | wall s | processor s | of the batch |\n|---|---|---|---|");
  const row = (name: string, { wallS, cpuS }: Cost) =>
    console.log(`| ${name} | ${wallS.toFixed(1)} | ${cpuS.toFixed(1)} | ${(cpuS / first.cpuS).toFixed(2)} × |`);
  row(`${clips} calls of render${calls === clips ? "" : ` (from ${calls})`}`, scaled);
  row("one batch", first);
  row("the same batch again", second);
} finally {
  rmSync(folder, { recursive: true });
}
