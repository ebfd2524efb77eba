/** Parses the arguments of `zoetrope farm`. */

import { isClipId } from "../farm/farm-job.ts";
import { type ParseOptions, parse, parseOption } from "./arguments.ts";
import { type BatchArguments, parseBatchArguments } from "./batch-arguments.ts";
import { cachePlace } from "./cache-place.ts";
import { cancelOptions, fetchOptions, submitOptions, watchOptions, workOptions } from "./farm-options.ts";
import type { Option } from "./options.ts";
import type { DeviceArguments } from "./render-tools.ts";
import { type Given, number, oneOf, refuse } from "./values.ts";

export interface WorkerArguments {
  /** null: what ships with Zoetrope. */
  readonly models: string | null;
  readonly results: string;
  readonly device: DeviceArguments;
}

export interface WorkArguments extends WorkerArguments {
  readonly queue: string;
  readonly takeoverMs: number;
  /** null: no board. */
  readonly boardPort: number | null;
  readonly json: boolean;
}

/** Jobs by the ids of their clips, or by the lists that they were submitted from. */
export type ChosenJobs =
  | { readonly type: "ids"; readonly ids: readonly string[] }
  | { readonly type: "lists"; readonly batch: BatchArguments }
  | { readonly type: "all" };

/** @throws ZoetropeError `arguments/…` */
export function parseWorkArguments(args: readonly string[]): WorkArguments {
  const given = parse(args, parseOptions(workOptions));
  const takeover = number("takeover", text(given, "takeover") ?? "30");
  if (takeover < 1) refuse("takeover", "--takeover takes at least 1 second.");
  const board = text(given, "board");
  return {
    ...workerArguments(given),
    queue: required(given, "queue"),
    takeoverMs: 1000 * takeover,
    boardPort: board === null ? null : portNumber("board", board),
    json: given.json === true,
  };
}

/** The options that `work` and `serve` share. */
export function workerArguments(given: Given): WorkerArguments {
  return {
    models: text(given, "models"),
    results: required(given, "results"),
    device: {
      backend: oneOf("backend", text(given, "backend") ?? "cpu", ["cpu", "webgpu", "auto"]),
      threads: number("threads", text(given, "threads") ?? "0"),
      cache: cachePlace(given),
    },
  };
}

export interface SubmitArguments {
  readonly queue: string;
  readonly results: string | null;
  readonly batch: BatchArguments;
  readonly json: boolean;
}

/** Every option of a batch holds for the jobs that do not say otherwise. */
export function parseSubmitArguments(args: readonly string[]): SubmitArguments {
  const { own, rest } = split(args, submitOptions);
  return {
    queue: required(own, "queue"),
    results: text(own, "results"),
    batch: parseBatchArguments(rest),
    json: own.json === true,
  };
}

export interface WatchArguments {
  readonly queue: string;
  readonly results: string | null;
  readonly jobs: ChosenJobs;
  readonly json: boolean;
}

export function parseWatchArguments(args: readonly string[]): WatchArguments {
  const { own, rest } = split(args, watchOptions);
  const jobs: ChosenJobs = rest.length === 0 ? { type: "all" } : chosen(rest);
  return { queue: required(own, "queue"), results: text(own, "results"), jobs, json: own.json === true };
}

export interface CancelArguments {
  readonly queue: string;
  readonly jobs: ChosenJobs;
  readonly json: boolean;
}

export function parseCancelArguments(args: readonly string[]): CancelArguments {
  const { own, rest } = split(args, cancelOptions);
  if ((rest.length === 0) !== (own.all === true)) refuse("all", "Name the jobs to cancel, or give --all.");
  return { queue: required(own, "queue"), jobs: own.all === true ? { type: "all" } : chosen(rest), json: own.json === true };
}

export interface FetchArguments {
  readonly results: string;
  readonly jobs: Exclude<ChosenJobs, { readonly type: "all" }>;
  readonly out: string;
  readonly json: boolean;
}

export function parseFetchArguments(args: readonly string[]): FetchArguments {
  const { own, rest } = split(args, fetchOptions);
  const { own: place, rest: named } = split(rest, { out: { takes: "DIR", help: "" } });
  const jobs = chosen(named.every((each) => isClipId(each)) ? named : rest);
  if (jobs.type === "ids" && jobs.ids.length === 0) refuse("jobs", "Name the clips or the list to fetch.");
  const out = jobs.type === "lists" ? jobs.batch.out : (text(place, "out") ?? ".");
  return { results: required(own, "results"), jobs, out, json: own.json === true };
}

function chosen(args: readonly string[]): Exclude<ChosenJobs, { readonly type: "all" }> {
  if (args.every(isClipId)) return { type: "ids", ids: args };
  return { type: "lists", batch: parseBatchArguments(args) };
}

/** Takes some options out of the arguments and leaves the others as they are. */
function split(args: readonly string[], options: Readonly<Record<string, Option>>): { own: Given; rest: string[] } {
  const own: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [name = "", attached] = (/^--([^=]+)(=?)/.exec(args[i]!) ?? []).slice(1);
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const list = option === undefined ? rest : own;
    list.push(args[i]!);
    if (option?.takes !== undefined && attached === "" && i + 1 < args.length) list.push(args[++i]!);
  }
  return { own: parse(own, parseOptions(options)), rest };
}

export function parseOptions(options: Readonly<Record<string, Option>>): ParseOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, { takes, many }]) => [name, parseOption(takes ?? null, many === true)!]),
  );
}

export function text(given: Given, name: string): string | null {
  const value = given[name];
  return typeof value === "string" ? value : null;
}

function required(given: Given, name: string): string {
  return text(given, name) ?? refuse(name, `--${name} is missing.`);
}

export function portNumber(option: string, given: string): number {
  const port = number(option, given);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    refuse(option, `--${option} takes a port from 0 to 65535; it is "${given}".`);
  return port;
}
