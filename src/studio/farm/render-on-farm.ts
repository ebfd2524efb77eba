/** Hands one animation to a farm: sends the job and the files that it needs, and reports its progress. */
import { ZoetropeError } from "../../core/errors.ts";
import { decodePng } from "../../formats/png/reader.ts";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import type { FarmApi, FarmEvent, FarmStatus } from "./farm-api.ts";
import { farmRequest } from "./farm-request.ts";
import { fitPicture } from "./fit-picture.ts";

type Report = (event: RenderEvent) => void;

/** A connection that breaks while a job is rendered is opened again so often, after waits of 1, 2, 3 … seconds. */
const RECONNECTIONS = 5;

/** Throws what went wrong; a cancelled job is reported. */
export async function renderOnFarm(
  farm: FarmApi,
  local: EngineClient,
  shelf: readonly ShelfItem[],
  request: RenderRequest,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const id = await submit(farm, local, shelf, request, signal);
  signal.addEventListener("abort", () => void farm.cancel(id).catch(() => undefined));
  const status = await follow(farm, id, report, signal);
  signal.throwIfAborted();
  if (status.state === "failed") throw ZoetropeError.fromInfo({ ...status.error, code: "farm/job-failed" });
  if (status.state !== "done") return report({ type: "cancelled" });
  const { width, height, frames } = decodePng(await farm.clip(id, signal));
  let index = 0;
  for (const rgba of frames) report({ type: "frame", index: index++, width, height, pixels: new Uint8ClampedArray(rgba) });
  report({ type: "done", timingsMs: {} });
}

/** Sends the job, and the files that the farm says it lacks. */
async function submit(
  farm: FarmApi,
  local: EngineClient,
  shelf: readonly ShelfItem[],
  request: RenderRequest,
  signal: AbortSignal,
): Promise<string> {
  const { job, pictures } = await farmRequest(request, shelf, fitPicture);
  const first = await farm.submit(job, signal);
  if (first.type === "queued") return first.id;
  for (const id of first.ids) {
    const picture = pictures.get(id);
    if (picture !== undefined) await farm.send(id, "picture.png", picture, signal);
    else await sendModel(farm, local, id, shelf, signal);
  }
  const second = await farm.submit(job, signal);
  if (second.type === "queued") return second.id;
  throw new ZoetropeError("farm/missing-file", {
    message: "The farm still lacks files of this animation.",
    hint: "Generate again.",
  });
}

/** LoRAs, tuned clips, embeddings and preprocessors travel; larger models belong to the farm's own folder. */
async function sendModel(
  farm: FarmApi,
  local: EngineClient,
  id: string,
  shelf: readonly ShelfItem[],
  signal: AbortSignal,
): Promise<void> {
  const item = shelf.find((each) => each.id === id);
  const travels = item !== undefined && ["lora", "motion-lora", "tuned-clip", "embedding", "preprocessor"].includes(item.kind);
  const files = travels ? await local.files(id) : [];
  if (files.length === 1) return farm.send(id, files[0]!.path, files[0]!.blob, signal);
  throw new ZoetropeError("farm/missing-file", {
    message: `The farm does not have ${item?.name ?? "a model of this animation"}.`,
    hint: "Put its files into the farm's --models folder and start the farm again, or choose another model.",
  });
}

/** Reports progress until the job has ended, over as many connections as it takes. */
async function follow(farm: FarmApi, id: string, report: Report, signal: AbortSignal): Promise<FarmStatus> {
  for (let broken = 0; ; broken++) {
    try {
      for await (const event of farm.events(id, signal)) {
        if (event.type !== "status") {
          broken = 0;
          report(renderEvent(event));
        } else if (event.status.state !== "waiting" && event.status.state !== "active") return event.status;
      }
    } catch (thrown) {
      signal.throwIfAborted();
      if (broken >= RECONNECTIONS) throw thrown;
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 1000 * (broken + 1)));
  }
}

function renderEvent(event: Exclude<FarmEvent, { readonly type: "status" }>): RenderEvent {
  if (event.type !== "preview") return event as RenderEvent;
  const pixels = Uint8ClampedArray.from(atob(String(event.pixels)), (character) => character.charCodeAt(0));
  return { ...event, pixels } as unknown as RenderEvent;
}
