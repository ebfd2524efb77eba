/** Renders that begin with what ffmpeg decodes. */

import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pngFrame } from "../media/png/frame-png.ts";
import { parseRenderArguments } from "./arguments.ts";
import { render } from "./render.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-video-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("a clip begins with a video, brighter from frame to frame as it is; what of it was not used is said", async () => {
  const video = join(folder, "brighter.webm");
  const source = "nullsrc=size=160x128:rate=24:duration=1,geq=lum=30+8*N:cb=128:cr=128";
  execFileSync(process.env.FFMPEG ?? "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", video]);
  const out = join(folder, "frames");
  const begin = ["--init-video", video, "--strength", "0.25"];
  const options = ["--prompt", "a ball", "--steps", "4", "--frames", "4", "--fps", "8", "--threads", "1", "--out", out];
  const { notices } = await render(parseRenderArguments([...begin, ...options]), new AbortController().signal, () => undefined);
  expect(notices).toContain(`Only the first 4 pictures of ${video} are used.`);
  expect(notices).toContain(`${video} is 160×128: scaled to cover 128×128, and its middle used.`);
  const names = (await readdir(out)).sort();
  const means = await Promise.all(
    names.map(async (name) => {
      const { data } = pngFrame(await readFile(join(out, name)));
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    }),
  );
  expect(means).toHaveLength(4);
  expect(means[3]! - means[0]!).toBeGreaterThan(10);
}, 120_000);
