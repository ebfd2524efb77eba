/** A farm whose workers are killed and whose Redis is restarted while it works, and what is left when it is done. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runBatch } from "../../cli/batch.ts";
import { parseBatchArguments } from "../../cli/batch-arguments.ts";
import { readFarmJobs } from "../../cli/farm-jobs.ts";
import { kitBytes } from "../../runtime/testing/parity-kit.ts";
import { hasEnded } from "../queue/job-queue.ts";
import { connect } from "../redis/connect.ts";
import { RedisQueue } from "../redis/redis-queue.ts";
import { FolderStore } from "../store/folder-store.ts";
import { startRedis } from "./redis-server.ts";

const CLI = fileURLToPath(new URL("../../cli/zoetrope.mjs", import.meta.url));
const MODELS = ["tiny-sd15.safetensors", "motion-v3.safetensors"];

export interface Chaos {
  readonly jobs: number;
  readonly cancels: number;
  readonly workers: number;
  /** Kills one of the workers, in turn, as long as jobs are left. */
  readonly killEveryMs: number;
  /** Kills at most so many. */
  readonly kills: number;
  /** Redis is restarted when so many clips are made. */
  readonly restartAfter: number;
  readonly log: (line: string) => void;
}

export interface Wreckage {
  readonly cancelled: number;
  /** Jobs that ended neither made nor cancelled. */
  readonly lost: readonly string[];
  /** Jobs whose clip is not the single machine's, byte for byte. */
  readonly different: readonly string[];
  /** Jobs that workers made more than once. */
  readonly twice: readonly string[];
  /** Names in the folder of results that no job has. */
  readonly strangers: readonly string[];
  readonly kills: number;
  readonly restarts: number;
  /** Workers that took over a job which another had begun. */
  readonly takeovers: number;
  readonly seconds: number;
}

interface Farm {
  readonly url: string;
  readonly folder: string;
  readonly log: (line: string) => void;
  /** How often each clip was begun and made. */
  readonly begun: Map<string, number>;
  readonly made: Map<string, number>;
}

export async function runChaos(chaos: Chaos): Promise<Wreckage> {
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-chaos-"));
  const redis = await startRedis();
  const farm: Farm = { url: redis.url, folder, log: chaos.log, begun: new Map(), made: new Map() };
  const store = new FolderStore(join(folder, "results"));
  const queue = new RedisQueue(await connect(redis.url), store);
  const workers: ChildProcess[] = [];
  try {
    const list = await writeJobs(folder, chaos.jobs);
    const expected = await singleMachine(folder, list);
    const jobs = await readFarmJobs(parseBatchArguments([list]));
    const began = performance.now();
    for (const job of jobs) await queue.submit(job);
    for (let i = 0; i < chaos.workers; i++) workers.push(startWorker(farm));
    const counts = { kills: 0, restarts: 0 };
    const cancelled = new Set<string>();
    const left = new Set(jobs.map(({ id }) => id));
    let lastKill = performance.now();
    while (left.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const id of [...left].slice(0, 20)) {
        const status = await queue.status(id);
        if (status === null || hasEnded(status)) left.delete(id);
      }
      const working = farm.begun.size > 0;
      if (working && counts.kills < chaos.kills && performance.now() - lastKill > chaos.killEveryMs && left.size > 0) {
        lastKill = performance.now();
        const index = counts.kills++ % workers.length;
        chaos.log(`killing worker ${index} (${left.size} jobs left)`);
        workers[index]!.kill("SIGKILL");
        workers[index] = startWorker(farm);
      }
      if (counts.restarts === 0 && farm.made.size >= chaos.restartAfter) {
        counts.restarts++;
        chaos.log("restarting Redis");
        await redis.restart();
      }
      if (working && cancelled.size < chaos.cancels) {
        // The first that is not done is probably being rendered, the last one waits.
        const id = cancelled.size % 2 === 0 ? [...left].at(0) : [...left].at(-1);
        if (id !== undefined && (await queue.cancel(id))) cancelled.add(id);
      }
      if (performance.now() - began > 1000 * 580) break;
    }
    const seconds = (performance.now() - began) / 1000;
    const there = (await readdir(join(folder, "results"))).filter((name) => !name.startsWith("."));
    const ids = jobs.map(({ id }) => id);
    const lost = ids.filter((id) => !there.includes(id) && !cancelled.has(id));
    const different: string[] = [];
    for (const id of there.filter((name) => ids.includes(name))) {
      const bytes = await readFile(join(folder, "results", id));
      if (!bytes.equals(expected.get(id.slice(0, 64)) ?? Buffer.of())) different.push(id);
    }
    return {
      cancelled: cancelled.size,
      lost,
      different,
      twice: [...farm.made].filter(([, times]) => times > 1).map(([id]) => id),
      strangers: there.filter((name) => !ids.includes(name)),
      ...counts,
      takeovers: [...farm.begun.values()].filter((times) => times > 1).length,
      seconds,
    };
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await queue.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeJobs(folder: string, count: number): Promise<string> {
  await mkdir(join(folder, "models"));
  for (const name of MODELS) await writeFile(join(folder, "models", name), kitBytes(`models/${name}`));
  const [checkpoint, motion] = MODELS.map((name) => join(folder, "models", name));
  const job = { checkpoint, motion, width: 64, height: 64, frames: 2, steps: 4, cfgScale: 1 };
  const lines = Array.from({ length: count }, (_, i) => JSON.stringify({ ...job, prompt: `clip ${i}`, seed: i }));
  const list = join(folder, "jobs.jsonl");
  await writeFile(list, lines.join("\n"));
  return list;
}

/** The clips of `zoetrope batch`, by their hashes. */
async function singleMachine(folder: string, list: string): Promise<ReadonlyMap<string, Buffer>> {
  const out = join(folder, "expected");
  const clips = new Map<string, Buffer>();
  const files: { hash: string; file: string }[] = [];
  const args = parseBatchArguments([list, "--out", out, "--threads", "1", "--no-cache"]);
  await runBatch(args, new AbortController().signal, (event) => event.event === "made" && files.push(event));
  for (const { hash, file } of files) clips.set(hash, await readFile(join(out, file)));
  return clips;
}

function startWorker({ url, folder, log, begun, made }: Farm): ChildProcess {
  const options = {
    queue: url,
    models: join(folder, "models"),
    results: join(folder, "results"),
    threads: "1",
    takeover: "3",
    cache: join(folder, "cache"),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const worker = spawn(process.execPath, [CLI, "farm", "work", ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: worker.stdout! }).on("line", (line) => {
    const event = JSON.parse(line) as { event: string; id: string; made?: boolean };
    if (event.event === "taken") begun.set(event.id, (begun.get(event.id) ?? 0) + 1);
    else if (event.event === "done" && event.made === true) made.set(event.id, (made.get(event.id) ?? 0) + 1);
    else if (event.event !== "done") log(line);
  });
  return worker;
}
