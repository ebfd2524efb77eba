/**
 * Measures the seam of loops that Mini draws, for 24 prompts, with and without a closed loop. Prints Markdown: the distance from the last
 * frame to the first over the median distance of neighbours (1: no seam), medians over the prompts and the share at most 1.15.
 *   npx tsx bench/loops.ts [--steps 6] [--frames 16] [--size 128] [--context-length 16] [--prompts 24] [--from 0] [--out FOLDER]
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseRenderArguments } from "../src/cli/arguments.ts";
import { render } from "../src/cli/render.ts";
import { median, seamRatio } from "../src/core/animation/seam.ts";
import { pngFrame } from "../src/media/png/frame-png.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "6" },
    frames: { type: "string", default: "16" },
    "context-length": { type: "string", default: "16" },
    size: { type: "string", default: "128" },
    prompts: { type: "string", default: "24" },
    from: { type: "string", default: "0" },
    out: { type: "string", default: ".cache/loops" },
  },
});

const SUBJECTS = ["star", "red heart", "fish", "panda", "ghost", "sunflower"];
const MOTIONS = ["bouncing", "spinning", "moving to the right", "pulsing"];
const WALLS = ["purple", "white", "orange"];
const AIM = 1.15;

const prompts = SUBJECTS.flatMap((subject, i) =>
  MOTIONS.map((motion, k) => `a ${subject} ${motion} on a ${WALLS[(i + k) % WALLS.length]} background`),
);
const [first, count] = [Number(values.from), Number(values.prompts)];

console.log("| prompt | seam | seam of a closed loop |");
console.log("|---|---|---|");
const seams: { open: number; closed: number }[] = [];
for (const [i, prompt] of [...prompts.entries()].slice(first, first + count)) {
  const open = await seamOf(prompt, i, []);
  const closed = await seamOf(prompt, i, ["--loop"]);
  seams.push({ open, closed });
  console.log(`| ${prompt} | ${open.toFixed(2)} | ${closed.toFixed(2)} |`);
}
for (const kind of ["open", "closed"] as const) {
  const all = seams.map((seam) => seam[kind]);
  const good = all.filter((ratio) => ratio <= AIM).length;
  console.log(
    `\n${kind}: median ${median(all).toFixed(2)}, largest ${Math.max(...all).toFixed(2)}, ${good} of ${all.length} at most ${AIM}`,
  );
}

async function seamOf(prompt: string, seed: number, more: readonly string[]): Promise<number> {
  const folder = join(values.out, `${seed}${more.join("")}`);
  const size = ["--width", values.size, "--height", values.size, "--frames", values.frames];
  const options = ["--prompt", prompt, "--seed", `${seed}`, "--steps", values.steps, ...size];
  const context = ["--context-length", values["context-length"]];
  await render(parseRenderArguments([...options, ...context, ...more, "--out", folder]), new AbortController().signal, () => {});
  const frames = Array.from({ length: Number(values.frames) }, async (_, i) => {
    const { data } = pngFrame(await readFile(join(folder, `${String(i).padStart(4, "0")}.png`)));
    return Float32Array.from(data);
  });
  return seamRatio(await Promise.all(frames));
}
