/**
 * Simulates a farm: jobs arrive at random for models of unequal popularity, and workers render them, load other models, are slow, or
 * crash. Discrete events, seeded, so that every run prints the same Markdown:
 *   npx tsx bench/farm-simulation.ts [--seed 1] [--load 0.7]
 * docs/farm.md says where the constants come from and what follows from the table.
 */

import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, load: { type: "string", default: "0.7" } } });

const MODELS = 40;
const CLIP_S = 20;
/** Fetched from the store when the worker's disk does not have it. */
const MODEL_BYTES = 2.1e9;
const STORE_BYTES_PER_S = 1.25e9;
const CARD_LINK_BYTES_PER_S = 1.25e8;
const OPEN_S = 12;
const CLIP_BYTES = 3e6;
const MODELS_ON_DISK = 10;
/** With affinity, a worker keeps a model for as long, however long others wait: ten times what a load costs. */
const STAY_S = 400;
/** With affinity, a job waits as long for a worker that has its model before one with another model takes it. */
const GRACE_S = 40;
const SLOW_SHARE = 0.02;
const SLOW_FACTOR = 4;
const MEAN_S_BETWEEN_CRASHES = 4 * 3600;
const RESTART_S = 20;
/** BullMQ's lock of a job runs out, and another worker takes it. */
const STALLED_S = 30;

interface Job {
  readonly model: number;
  readonly arrived: number;
}

/** "none": the oldest job first. "stay": see STAY_S and GRACE_S. "pinned": each worker serves one model, as many workers as it is popular. */
type Affinity = "none" | "stay" | "pinned";

interface Worker {
  /** The only model of a pinned worker. */
  readonly home: number;
  readonly factor: number;
  model: number;
  since: number;
  /** Least recently used first. */
  disk: number[];
  idle: boolean;
}

/** mulberry32 (Tommy Ettinger, public domain). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs what was scheduled, earliest first: a binary heap. */
class Clock {
  now = 0;
  readonly #heap: { readonly at: number; readonly run: () => void }[] = [];

  after(seconds: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at: this.now + seconds, run });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= heap[i]!.at) break;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  runUntil(end: number): void {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.at <= end) {
      const { at, run } = heap[0]!;
      const last = heap.pop()!;
      if (heap.length > 0) heap[0] = last;
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left;
        if (right < heap.length && heap[right]!.at < heap[least]!.at) least = right;
        if (least === i) break;
        [heap[least], heap[i]] = [heap[i]!, heap[least]!];
        i = least;
      }
      this.now = at;
      run();
    }
  }
}

function simulate(count: number, hours: number, affinity: Affinity) {
  const random = randomNumbers(Number(values.seed));
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  const popularity = Array.from({ length: MODELS }, (_, i) => 1 / (i + 1));
  const total = popularity.reduce((a, b) => a + b);
  const modelAt = (share: number) => {
    let left = share * total;
    for (const [model, each] of popularity.entries()) {
      left -= each;
      if (left < 0) return model;
    }
    return MODELS - 1;
  };
  const clock = new Clock();
  const queues = Array.from({ length: MODELS }, (): { jobs: Job[]; first: number } => ({ jobs: [], first: 0 }));
  const workers = Array.from({ length: count }, (_, i): Worker => {
    return {
      home: modelAt((i + 0.5) / count),
      factor: random() < SLOW_SHARE ? SLOW_FACTOR : 1,
      model: -1,
      since: 0,
      disk: [],
      idle: true,
    };
  });
  const waits: number[] = [];
  const sums = { renderS: 0, loadS: 0, modelBytes: 0, clips: 0, retaken: 0, loads: 0 };
  let fetching = 0;

  const head = (model: number): Job | undefined => queues[model]!.jobs[queues[model]!.first];
  const taken = (model: number): Job | null => {
    const queue = queues[model]!;
    const job = queue.jobs[queue.first] ?? null;
    if (job !== null) queue.first++;
    if (queue.first > 1000) {
      queue.jobs.splice(0, queue.first);
      queue.first = 0;
    }
    return job;
  };
  const stays = (worker: Worker, own: Job | undefined) =>
    own !== undefined && clock.now - worker.since < STAY_S ? own : undefined;
  const mayMove = (worker: Worker, { model, arrived }: Job) =>
    worker.model < 0 || model === worker.model || clock.now - arrived >= GRACE_S;
  const choose = (worker: Worker): Job | null => {
    let oldest: Job | undefined;
    for (let model = 0; model < MODELS; model++) {
      const job = head(model);
      if (job !== undefined && (oldest === undefined || job.arrived < oldest.arrived)) oldest = job;
    }
    if (oldest === undefined) return null;
    const own = worker.model < 0 ? undefined : head(worker.model);
    if (affinity === "pinned") return taken(worker.home);
    const chosen = affinity === "stay" ? (stays(worker, own) ?? (mayMove(worker, oldest) ? oldest : null)) : oldest;
    return chosen === null ? null : taken(chosen.model);
  };
  /** Fetches share the store's line. */
  const loadSeconds = (worker: Worker, model: number): number => {
    if (worker.model === model) return 0;
    sums.loads++;
    worker.model = model;
    worker.since = clock.now;
    const here = worker.disk.includes(model);
    worker.disk = [...worker.disk.filter((each) => each !== model), model].slice(-MODELS_ON_DISK);
    if (here) return OPEN_S;
    sums.modelBytes += MODEL_BYTES;
    fetching++;
    const seconds = MODEL_BYTES / Math.min(CARD_LINK_BYTES_PER_S, STORE_BYTES_PER_S / fetching);
    clock.after(seconds, () => fetching--);
    return seconds + OPEN_S;
  };
  const next = (worker: Worker): void => {
    const job = choose(worker);
    worker.idle = job === null;
    if (job === null) return;
    const loading = loadSeconds(worker, job.model);
    const rendering = CLIP_S * worker.factor * (0.5 + random());
    const crash = exponential(MEAN_S_BETWEEN_CRASHES);
    if (crash < loading + rendering) {
      sums.retaken++;
      worker.model = -1;
      clock.after(crash + STALLED_S, () => submit(job));
      clock.after(crash + RESTART_S, () => next(worker));
      return;
    }
    clock.after(loading + rendering, () => {
      waits.push(clock.now - rendering - job.arrived);
      sums.clips++;
      sums.renderS += rendering;
      sums.loadS += loading;
      next(worker);
    });
  };
  const submit = (job: Job): void => {
    queues[job.model]!.jobs.push(job);
    const idle = workers.filter((worker) => worker.idle);
    const suits: Record<Affinity, (worker: Worker) => boolean> = {
      none: () => true,
      stay: ({ model }) => model === job.model,
      pinned: ({ home }) => home === job.model,
    };
    const free = idle.find(suits[affinity]) ?? (affinity === "stay" ? idle.find(({ model }) => model < 0) : undefined);
    if (free !== undefined) next(free);
    else if (affinity === "stay") clock.after(GRACE_S, () => wake());
  };
  /** Some worker may now take what nobody with the model has taken. */
  const wake = (): void => {
    const worker = workers.find(({ idle }) => idle);
    if (worker !== undefined) next(worker);
  };
  const perSecond = (Number(values.load) * count) / CLIP_S;
  const arrive = (): void => {
    submit({ model: modelAt(random()), arrived: clock.now });
    clock.after(exponential(1 / perSecond), arrive);
  };
  clock.after(0, arrive);
  clock.runUntil(hours * 3600);
  const seconds = count * hours * 3600;
  waits.sort((a, b) => a - b);
  const wait = (share: number) => waits[Math.floor(share * (waits.length - 1))] ?? 0;
  const waiting = queues.reduce((sum, { jobs, first }) => sum + jobs.length - first, 0);
  return { ...sums, seconds, hours, waiting, p50: wait(0.5), p95: wait(0.95), perSecond };
}

console.log(
  "| workers | affinity | clips | rendering | loading | wait, median and 95 % | loads per 100 clips | moved per clip | from the store | taken over | still waiting |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|");
const RUNS: readonly (readonly [count: number, hours: number, affinities: readonly Affinity[]])[] = [
  [1, 96, ["none", "stay"]],
  [10, 48, ["none", "stay"]],
  [1000, 6, ["none", "stay", "pinned"]],
];
for (const [count, hours, affinities] of RUNS) {
  for (const affinity of affinities) {
    const run = simulate(count, hours, affinity);
    const percent = (part: number) => `${((100 * part) / run.seconds).toFixed(0)} %`;
    const cells = [
      count,
      affinity,
      run.clips,
      percent(run.renderS),
      percent(run.loadS),
      `${time(run.p50)}, ${time(run.p95)}`,
      ((100 * run.loads) / run.clips).toFixed(0),
      `${((run.modelBytes + run.clips * CLIP_BYTES) / run.clips / 1e6).toFixed(0)} MB`,
      `${(run.modelBytes / (run.hours * 3600) / 1e6).toFixed(0)} MB/s`,
      run.retaken,
      run.waiting,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function time(seconds: number): string {
  return seconds < 600 ? `${Math.round(seconds)} s` : `${(seconds / 3600).toFixed(1)} h`;
}
