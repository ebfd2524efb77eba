/** A render process of the real program with Mini, at its smallest. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseRenderArguments } from "../../cli/arguments.ts";
import { render } from "../../cli/render.ts";
import { parseJob } from "../../jobs/parse-job.ts";
import { ContentIds } from "../../runtime/node/content-id.ts";
import { farmJob } from "../farm-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";
import { readShelf } from "../shelf.ts";
import { FolderStore } from "../store/folder-store.ts";
import { SentFiles } from "../store/sent-files.ts";
import { idAlone } from "../testing/ids.ts";
import { JobFiles } from "./job-files.ts";
import { LocalRenderer } from "./local-renderer.ts";

const TINY = { width: 64, height: 64, frames: 2, steps: 2, seed: 7 };
const never = new AbortController().signal;
let folder: string;
let renderer: LocalRenderer;
let sent: SentFiles;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-renderer-"));
  sent = new SentFiles(new FolderStore(folder));
  const ids = new ContentIds();
  const files = new JobFiles(await readShelf(null, ids, () => undefined), sent, join(folder, "copies"), ids);
  const program = {
    module: new URL("../../cli/farm-renderer.mjs", import.meta.url),
    args: ['{"backend":"cpu","threads":1,"cache":null}'],
  };
  renderer = new LocalRenderer(program, files, join(folder, "made"));
});
afterEach(async () => {
  await renderer.close();
  await rm(folder, { recursive: true, force: true });
});

it("makes the command line's file byte for byte, with a preview after each step, and another in the same process", async () => {
  const out = join(folder, "expected.gif");
  const args = Object.entries(TINY).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await render(
    parseRenderArguments(["--prompt", "a red ball", ...args, "--threads", "1", "--no-cache", "--out", out]),
    never,
    () => undefined,
  );
  const events: ProgressEvent[] = [];
  const job = await farmJob(parseJob({ prompt: "a red ball", ...TINY }), "gif", idAlone);
  const made = await renderer.render(job, (event) => events.push(event), never);
  expect(Buffer.from(made).equals(await readFile(out))).toBe(true);
  const previews = events.filter((event) => event.type === "preview");
  expect(previews.map(({ step, frames, width }) => [step, frames, width])).toEqual([
    [0, 2, 8],
    [1, 2, 8],
  ]);
  expect(Buffer.from(previews[0]!.pixels, "base64")).toHaveLength(2 * 8 * 8 * 4);
  expect(Buffer.from(await renderer.render(job, () => undefined, never)).equals(await readFile(out))).toBe(true);
});

it("is cancelled within a step, and goes on with the next job", async () => {
  const long = await farmJob(parseJob({ prompt: "a red ball", ...TINY, steps: 150 }), "gif", idAlone);
  const stop = new AbortController();
  const begun = renderer.render(long, (event) => event.type === "preview" && stop.abort(new Error("enough")), stop.signal);
  await expect(begun).rejects.toThrow("enough");
  const next = await farmJob(parseJob({ prompt: "a red ball", ...TINY }), "gif", idAlone);
  expect((await renderer.render(next, () => undefined, never)).length).toBeGreaterThan(100);
});

it("a process that dies fails its job, and the next job gets another process; a job at fault is named", async () => {
  const bad = await farmJob(parseJob({ prompt: "a red ball", ...TINY, loras: [{ id: "0".repeat(32) }] }), "gif", idAlone);
  await expect(renderer.render(bad, () => undefined, never)).rejects.toMatchObject({ code: "farm/missing-file" });
  const long = await farmJob(parseJob({ prompt: "a red ball", ...TINY, steps: 150 }), "gif", idAlone);
  const begun = renderer.render(long, (event) => event.type === "preview" && void renderer.close(), never);
  await expect(begun).rejects.toMatchObject({ code: "farm/process-lost" });
  const next = await farmJob(parseJob({ prompt: "a red ball", ...TINY }), "gif", idAlone);
  expect((await renderer.render(next, () => undefined, never)).length).toBeGreaterThan(100);
});

it("a LoRA that was sent is used under the name it came by, wherever that name would lead", async () => {
  const bytes = new Uint8Array(await readFile(new URL("../../../public/models/mini/loras/neon.safetensors", import.meta.url)));
  const id = await sent.put("../../neon.safetensors", bytes);
  const plain = await farmJob(parseJob({ prompt: "a red ball", ...TINY }), "gif", idAlone);
  const styled = await farmJob(parseJob({ prompt: "a red ball", ...TINY, loras: [{ id, weight: 1 }] }), "gif", idAlone);
  expect(styled.id).not.toBe(plain.id);
  const made = Buffer.from(await renderer.render(styled, () => undefined, never));
  expect(made.equals(Buffer.from(await renderer.render(plain, () => undefined, never)))).toBe(false);
  expect(made.toString("latin1")).toContain("neon: 1");
  expect(await readFile(join(folder, "copies", id, "neon.safetensors"))).toHaveLength(bytes.length);
});
