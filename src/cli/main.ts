/** The command line's entry: arguments in, exit code out. */

import { ZoetropeError } from "../core/errors.ts";
import { parseRenderArguments } from "./arguments.ts";
import { batchLine, runBatch } from "./batch.ts";
import { parseBatchArguments } from "./batch-arguments.ts";
import { cacheCommand } from "./cache.ts";
import { type GridArguments, parseGridArguments } from "./grid-arguments.ts";
import { usage } from "./help.ts";
import { render } from "./render.ts";
import { renderGrid } from "./render-grid.ts";
import { parseTrainArguments } from "./train-arguments.ts";

const EXIT = { done: 0, failed: 1, badInput: 2, cancelled: 130 } as const;

/** @returns the process's exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "--help" || command === "-h" || rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(`${usage(command)}\n`);
    return EXIT.done;
  }
  const stop = new AbortController();
  const cancel = () => stop.abort();
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  try {
    if (command === "train") return await trainCommand(rest, stop.signal);
    if (command === "cache") {
      process.stdout.write(`${await cacheCommand(rest)}\n`);
      return EXIT.done;
    }
    if (command === "batch") return await batchCommand(rest, stop.signal);
    if (command === "farm") {
      // Loaded here, so that a render does not wait for the modules of the queue.
      const { farmCommand } = await import("./farm.ts");
      return EXIT[await farmCommand(rest, stop.signal)];
    }
    if (command === "serve") return await serveCommand(rest, stop.signal);
    if (command !== "render") {
      throw new ZoetropeError("arguments/command", {
        message: command === undefined ? "Say what to do: zoetrope render …" : `There is no command "${command}".`,
        hint: "zoetrope --help lists the options.",
      });
    }
    const grid = parseGridArguments(rest);
    if (grid !== null) return await gridCommand(grid, stop.signal);
    const options = parseRenderArguments(rest);
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const report = await render(options, stop.signal, options.json ? () => undefined : log);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${report.out}\n`);
    return EXIT.done;
  } catch (thrown) {
    if (stop.signal.aborted) {
      process.stderr.write("Cancelled.\n");
      return EXIT.cancelled;
    }
    const error = ZoetropeError.from(thrown);
    process.stderr.write(`${`${error.message} ${error.hint}`.replaceAll(/\s+/g, " ").trim()}\n`);
    if (error.code !== "internal") return EXIT.badInput;
    if (process.env.ZOETROPE_DEBUG) console.error(thrown);
    return EXIT.failed;
  } finally {
    process.off("SIGINT", cancel);
    process.off("SIGTERM", cancel);
  }
}

async function gridCommand(grid: GridArguments, signal: AbortSignal): Promise<number> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const report = await renderGrid(grid, signal, grid.json ? () => undefined : log);
  process.stdout.write(grid.json ? `${JSON.stringify(report)}\n` : `${report.out}\n`);
  return EXIT.done;
}

async function batchCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseBatchArguments(args);
  const { left, failed } = await runBatch(options, signal, (event) => {
    if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`);
    const line = options.json ? null : batchLine(event, options.out);
    if (line !== null) process.stderr.write(`${line}\n`);
  });
  if (left > 0) return EXIT.cancelled;
  return failed > 0 ? EXIT.failed : EXIT.done;
}

async function serveCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { parseServeArguments, serve } = await import("./serve.ts");
  await serve(parseServeArguments(args), signal, (address) => process.stdout.write(`${address}\n`));
  return EXIT.done;
}

async function trainCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseTrainArguments(args);
  // Loaded here, so that a render does not wait for the modules of training.
  const { runTraining } = await import("./train.ts");
  const report = await runTraining(options, signal, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${report.out ?? options.dump}\n`);
  return signal.aborted ? EXIT.cancelled : EXIT.done;
}
