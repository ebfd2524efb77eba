/**
 * A process that renders clips. When a graphics driver takes it down, the worker that started it lives on and starts another; when the
 * worker dies, the process ends with it.
 */

import { type ChildProcess, fork } from "node:child_process";
import { ZoetropeError } from "../../core/errors.ts";
import type { JobJson } from "../../jobs/parse-job.ts";
import type { ProgressEvent } from "../queue/job-queue.ts";
import type { FromRenderer, ToRenderer } from "./messages.ts";

/** The program that `RenderProcess` runs, and its arguments. */
export interface RenderProgram {
  readonly module: URL;
  readonly args: readonly string[];
}

/** A process that has not obeyed a cancellation by then is killed. */
const PATIENCE_MS = 20_000;

export class RenderProcess {
  readonly #child: ChildProcess;
  #ended: string | null = null;

  constructor({ module, args }: RenderProgram) {
    this.#child = fork(module, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child.once("exit", (code, signal) => {
      this.#ended = signal ?? `exit code ${code}`;
    });
    this.#child.once("error", (error) => {
      this.#ended = error.message;
    });
  }

  get alive(): boolean {
    return this.#ended === null;
  }

  /**
   * Renders one clip into a file; one at a time.
   * @throws the signal's reason when cancelled; ZoetropeError, `farm/process-lost` when the process has died
   */
  async render(job: JobJson, out: string, report: (event: ProgressEvent) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const child = this.#child;
    let kill: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.#send({ type: "cancel" });
      kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    };
    let done = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        const lost = () => reject(signal.aborted ? signal.reason : processLost(this.#ended));
        const hear = (message: FromRenderer) => {
          if (message.type === "rendered") resolve();
          else if (message.type === "cancelled") reject(signal.reason);
          else if (message.type === "refused") reject(ZoetropeError.fromInfo(message.error));
          else report(message);
        };
        done = () => {
          child.off("message", hear);
          child.off("exit", lost);
        };
        child.on("message", hear);
        child.once("exit", lost);
        signal.addEventListener("abort", cancel);
        if (!this.alive) lost();
        else this.#send({ type: "render", job, out });
      });
    } finally {
      done();
      clearTimeout(kill);
      signal.removeEventListener("abort", cancel);
    }
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.kill("SIGKILL");
    await ended;
  }

  #send(message: ToRenderer): void {
    // A process that has just died does not listen; its end is reported by itself.
    this.#child.send(message, () => undefined);
  }
}

function processLost(ended: string | null): ZoetropeError {
  return new ZoetropeError("farm/process-lost", {
    message: `The process that rendered ended unexpectedly (${ended ?? "no reason given"}).`,
    hint: "Its card may have been lost or its memory have run out; the job is tried again.",
  });
}
