/** Processes that render over one folder of converted models while it is cleared and pruned, and one of them is killed. */

import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { kitBytes } from "../../runtime/testing/parity-kit.ts";
import { cacheCommand } from "../cache.ts";
import type { ChildMessage } from "./cache-child.ts";

const CHILD = fileURLToPath(new URL("./cache-child.mjs", import.meta.url));
const MODELS = ["tiny-sd15.safetensors", "motion-v3.safetensors"] as const;

export interface SharedCacheTrial {
  readonly rounds: number;
  /** One of the processes is killed in every so many-th round. */
  readonly killEvery: number;
  readonly log: (line: string) => void;
}

export interface SharedCacheResult {
  readonly renders: number;
  readonly kills: number;
  /** Renders that failed, or whose GIF is not that of a process which was alone without a cache. */
  readonly wrong: readonly string[];
  /** Shards of the cache that did not have their size when they were looked at, or not their contents after a round. */
  readonly partial: readonly string[];
  /** Looks at the shards while processes converted. */
  readonly looks: number;
  /** What is left in the cache besides whole shards when every process has ended. */
  readonly left: readonly string[];
  readonly seconds: number;
}

/** Limits in bytes: nothing stays, one part stays, everything stays. */
const LIMITS = [0, 300_000, 1e9];

export async function shareCache({ rounds, killEvery, log }: SharedCacheTrial): Promise<SharedCacheResult> {
  const folder = await mkdtemp(join(tmpdir(), "zoetrope-shared-"));
  const cache = join(folder, "cache");
  const children = [new Child(folder, "one"), new Child(folder, "other")];
  const began = performance.now();
  const wrong: string[] = [];
  const partial = new Set<string>();
  const counts = { renders: 0, kills: 0, looks: 0 };
  try {
    for (const name of MODELS) await writeFile(join(folder, name), kitBytes(`models/${name}`));
    const expected = new Map<string, Buffer>();
    for (const motion of MOTIONS) expected.set(motion, await children[0]!.render(motion, ["--no-cache"]));
    const whole = await wholeShards(children[0]!, join(folder, "reference"));
    const look = async () => {
      counts.looks++;
      for (const { name, bytes } of await shardsOf(cache)) if (whole.get(name)?.bytes !== bytes) partial.add(`${name}: ${bytes}`);
    };
    for (let round = 0; round < rounds; round++) {
      const victim = round % killEvery === killEvery - 1 ? children[round % 2]! : null;
      // Each kill comes later in the render than the one before, so that every phase is hit; a short render may end before its kill.
      victim?.killAfter(1 + (Math.floor(round / killEvery) % KILL_STEPS));
      const tasks = children.map(async (child, i) => {
        const motion = MOTIONS[(round + i) % 2]!;
        const limit = LIMITS[(round + i) % LIMITS.length]!;
        try {
          const gif = await child.render(motion, ["--cache", cache, "--cache-limit", String(limit / 1e9)]);
          counts.renders++;
          if (!gif.equals(expected.get(motion)!)) wrong.push(`round ${round}: another picture`);
        } catch (thrown) {
          if (child !== victim || !child.killed) wrong.push(`round ${round}: ${String(thrown)}`);
        }
      });
      let busy = true;
      const rendering = Promise.all(tasks).finally(() => {
        busy = false;
      });
      for (let i = 0; busy; i++) {
        await Promise.all([look(), sleep(LOOK_EVERY_MS)]);
        if (i % 10 === 5) await cacheCommand(CLEANING[round % CLEANING.length]!.concat("--cache", cache));
      }
      await rendering;
      for (const [name, { digest }] of await digests(cache))
        if (whole.get(name)?.digest !== digest) partial.add(`${name}: contents`);
      victim?.killAfter(Number.POSITIVE_INFINITY);
      if (victim?.killed) {
        counts.kills++;
        children[children.indexOf(victim)] = new Child(folder, victim.name);
      }
      if (round % 10 === 9) log(`round ${round + 1} of ${rounds}: ${counts.renders} renders, ${counts.kills} kills`);
    }
    await Promise.all(children.map((child) => child.end()));
    // Opening the cache removes what killed processes left.
    await cacheCommand(["list", "--cache", cache]);
    const left = [...(await readdir(join(cache, "runs"))), ...(await readdir(cache)).filter((name) => name === "converting")];
    return { ...counts, wrong, partial: [...partial], left, seconds: (performance.now() - began) / 1000 };
  } finally {
    await Promise.all(children.map((child) => child.end()));
    await rm(folder, { recursive: true, force: true });
  }
}

const MOTIONS = ["motion-v3.safetensors", "none"] as const;
const LOOK_EVERY_MS = 10;
const CLEANING = [["clear"], ["prune", "--limit", "0.0003"], ["list"]];
/** Reports of a render after which kills come: loading, conversions, steps. */
const KILL_STEPS = 8;

/** A process that renders, one clip at a time. */
class Child {
  readonly name: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #reportsLeft = Number.POSITIVE_INFINITY;

  constructor(folder: string, name: string) {
    this.name = name;
    this.#folder = folder;
    this.#process = fork(CHILD, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  }

  get killed(): boolean {
    return this.#process.signalCode === "SIGKILL";
  }

  /** Kills the process when its render has reported so often. */
  killAfter(reports: number): void {
    this.#reportsLeft = reports;
  }

  async render(motion: string, more: readonly string[]): Promise<Buffer> {
    const out = join(this.#folder, `${this.name}.gif`);
    await rm(out, { force: true });
    const models = [
      "--checkpoint",
      join(this.#folder, MODELS[0]),
      "--motion",
      motion === "none" ? motion : join(this.#folder, motion),
    ];
    const size = ["--width", "64", "--height", "64", "--frames", motion === "none" ? "1" : "2", "--steps", "1", "--threads", "1"];
    this.#process.send(["--prompt", "a fish", "--seed", "7", ...models, ...size, ...more, "--out", out]);
    await new Promise<void>((resolve, reject) => {
      const exit = () => reject(new Error("the process ended"));
      const message = (said: ChildMessage) => {
        if (said.type === "report") {
          if (--this.#reportsLeft > 0) return;
          // The clip may be made before the signal arrives; only the exit counts now.
          this.#process.off("message", message);
          this.#process.kill("SIGKILL");
          return;
        }
        this.#process.off("exit", exit).off("message", message);
        if (said.type === "made") resolve();
        else reject(new Error(said.message));
      };
      this.#process.on("exit", exit).on("message", message);
    });
    return readFile(out);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.disconnect();
    await exit;
  }
}

interface Shard {
  readonly bytes: number;
  readonly digest: string;
}

/** The shards of both renders, as a process that is alone makes them. */
async function wholeShards(child: Child, folder: string): Promise<ReadonlyMap<string, Shard>> {
  for (const motion of MOTIONS) await child.render(motion, ["--cache", folder]);
  return digests(folder);
}

async function digests(folder: string): Promise<ReadonlyMap<string, Shard>> {
  const shards = new Map<string, Shard>();
  for (const { name } of await shardsOf(folder)) {
    const data = await readFile(join(folder, "shards", name)).catch(() => null);
    if (data !== null) shards.set(name, { bytes: data.length, digest: createHash("sha256").update(data).digest("hex") });
  }
  return shards;
}

async function shardsOf(folder: string): Promise<{ readonly name: string; readonly bytes: number }[]> {
  const names = await readdir(join(folder, "shards")).catch(() => []);
  const found = await Promise.all(names.map((name) => stat(join(folder, "shards", name)).catch(() => null)));
  return names.flatMap((name, i) => (found[i] ? [{ name, bytes: found[i].size }] : []));
}
