/**
 * The process that renders for a worker of the farm, one clip at a time. Jobs come over the channel to the worker, and progress goes back
 * over it. Sessions stay warm between jobs, because a worker sends jobs of the same models to the same process.
 */

import { ZoetropeError } from "../core/errors.ts";
import type { FromRenderer, ToRenderer } from "../farm/worker/messages.ts";
import { parseJob } from "../jobs/parse-job.ts";
import { SESSION_BUDGET_BYTES } from "../runtime/engine/engine.ts";
import { renderArguments } from "./job-arguments.ts";
import { type RenderProgress, renderWith } from "./render.ts";
import { type DeviceArguments, RenderTools } from "./render-tools.ts";

const device = JSON.parse(process.argv[2]!) as DeviceArguments;
const tools = new RenderTools(device, SESSION_BUDGET_BYTES);
let current = new AbortController();

process.on("message", (message: ToRenderer) => {
  if (message.type === "cancel") current.abort();
  else void render(message);
});
// Without its worker nobody wants the clip.
process.on("disconnect", () => process.exit());
// Ctrl C reaches the whole group; the worker decides what becomes of the job in hand.
process.on("SIGINT", () => undefined);

async function render({ job, out }: Extract<ToRenderer, { readonly type: "render" }>): Promise<void> {
  current = new AbortController();
  const { signal } = current;
  try {
    const args = await renderArguments(parseJob(job), { ...device, out, dump: null, json: false });
    await renderWith(tools, args, signal, report, ({ pixels, ...preview }) =>
      send({ ...preview, pixels: Buffer.from(pixels.buffer).toString("base64") }),
    );
    send({ type: "rendered" });
  } catch (thrown) {
    send(signal.aborted ? { type: "cancelled" } : { type: "refused", error: ZoetropeError.from(thrown).toInfo() });
  }
}

/** The page knows the phases of drawing only. */
function report(event: RenderProgress): void {
  if (event.type !== "progress" || event.phase !== "upscale") send(event);
}

function send(message: FromRenderer): void {
  // The worker may have died in this moment; the channel's end ends this process, too.
  process.send?.(message, undefined, undefined, () => undefined);
}
