/** The programming interface of the gateway: jobs, their progress, clips, and files that jobs bring. */

import { type ContentId, farmJob, idsOf, isClipId, readFarmJob } from "../farm-job.ts";
import { hasEnded, type JobQueue } from "../queue/job-queue.ts";
import type { BlobStore } from "../store/blob-store.ts";
import { isFileId, type SentFiles } from "../store/sent-files.ts";
import { type Exchange, Refusal } from "./exchange.ts";

export interface FarmParts {
  readonly queue: JobQueue;
  readonly store: BlobStore;
  readonly sent: SentFiles;
  readonly contentId: ContentId;
  /** Most bytes of a file that a job brings. */
  readonly mostFileBytes: number;
}

type Handler = (exchange: Exchange, farm: FarmParts, id: string) => Promise<void>;

interface Route {
  readonly method: string;
  /** Its one group, if it has one, is an id. */
  readonly path: RegExp;
  readonly handle: Handler;
}

const MOST_JOB_BYTES = 256 * 2 ** 10;
const HEARTBEAT_MS = 15_000;

const routes: readonly Route[] = [
  { method: "GET", path: /^\/api\/farm$/, handle: about },
  { method: "POST", path: /^\/api\/jobs$/, handle: submit },
  { method: "GET", path: /^\/api\/jobs\/([^/]+)$/, handle: status },
  { method: "DELETE", path: /^\/api\/jobs\/([^/]+)$/, handle: cancel },
  { method: "GET", path: /^\/api\/jobs\/([^/]+)\/events$/, handle: events },
  { method: "GET", path: /^\/api\/clips\/([^/]+)$/, handle: clip },
  { method: "HEAD", path: /^\/api\/files\/([^/]+)$/, handle: hasFile },
  { method: "PUT", path: /^\/api\/files\/([^/]+)$/, handle: putFile },
];

export const METHODS = [...new Set(routes.map(({ method }) => method))].join(", ");

/** @throws Refusal 404, 405, and those of the handlers */
export async function answer(exchange: Exchange, farm: FarmParts): Promise<void> {
  const { pathname } = exchange.url;
  const fitting = routes.filter(({ path }) => path.test(pathname));
  const route = fitting.find(({ method }) => method === exchange.request.method);
  if (route !== undefined) return route.handle(exchange, farm, route.path.exec(pathname)![1] ?? "");
  if (fitting.length === 0) throw new Refusal(404, "request/unknown", "There is nothing here.");
  throw new Refusal(405, "request/method", `This takes ${fitting.map(({ method }) => method).join(", ")}.`);
}

async function about(exchange: Exchange, { queue, mostFileBytes }: FarmParts): Promise<void> {
  exchange.json(200, { farm: "zoetrope", shelf: await queue.shelf(), mostFileBytes });
}

async function submit(exchange: Exchange, { queue, sent, contentId }: FarmParts): Promise<void> {
  const { job, format } = readFarmJob(await exchange.readJson(MOST_JOB_BYTES));
  const shelf = new Set((await queue.shelf()).map(({ id }) => id));
  const missing: string[] = [];
  for (const id of idsOf(job)) if (!shelf.has(id) && !(await sent.has(id))) missing.push(id);
  if (missing.length > 0)
    throw new Refusal(409, "farm/missing-file", "The farm lacks files of this job; send them first.", { missing });
  const submitted = await farmJob(job, format, contentId);
  exchange.json(202, { id: submitted.id, status: await queue.submit(submitted) });
}

async function status(exchange: Exchange, { queue }: FarmParts, id: string): Promise<void> {
  const found = await queue.status(clipId(id));
  if (found === null) throw unknownJob();
  exchange.json(200, { id, status: found });
}

async function cancel(exchange: Exchange, { queue }: FarmParts, id: string): Promise<void> {
  exchange.json(200, { id, cancelled: await queue.cancel(clipId(id)) });
}

async function events(exchange: Exchange, { queue }: FarmParts, id: string): Promise<void> {
  const { response } = exchange;
  if ((await queue.status(clipId(id))) === null) throw unknownJob();
  const send = exchange.events();
  const heartbeat = setInterval(() => response.write(":\n\n"), HEARTBEAT_MS);
  let stop = () => {};
  response.on("close", () => {
    clearInterval(heartbeat);
    stop();
  });
  stop = await queue.watch(id, (event) => {
    // A client that reads more slowly than steps come gets fewer previews, and everything else.
    if (event.type === "preview" && response.writableNeedDrain) return;
    send(event);
    if (event.type === "status" && hasEnded(event.status)) response.end();
  });
  if (response.destroyed) stop();
}

async function clip(exchange: Exchange, { store }: FarmParts, id: string): Promise<void> {
  const bytes = await store.get(clipId(id));
  if (bytes === null) throw new Refusal(404, "farm/no-clip", "There is no such clip, or it is not made yet.");
  exchange.bytes(id.endsWith(".gif") ? "image/gif" : "image/apng", bytes);
}

async function hasFile(exchange: Exchange, { sent }: FarmParts, id: string): Promise<void> {
  exchange.nothing((await sent.has(fileId(id))) ? 204 : 404);
}

async function putFile(exchange: Exchange, { sent, mostFileBytes }: FarmParts, id: string): Promise<void> {
  const name = exchange.url.searchParams.get("name") ?? "";
  await sent.put(name, await exchange.readBytes(mostFileBytes), fileId(id));
  exchange.json(201, { id });
}

function clipId(text: string): string {
  if (isClipId(text)) return text;
  throw new Refusal(400, "request/id", "This is not the id of a job.");
}

function fileId(text: string): string {
  if (isFileId(text)) return text;
  throw new Refusal(400, "request/id", "This is not the id of a file.");
}

function unknownJob(): Refusal {
  return new Refusal(404, "farm/unknown-job", "There is no such job.");
}
