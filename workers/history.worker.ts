/** The history worker: keeps finished animations. Errors cross as plain `ErrorInfo`. */
import { expose, transfer } from "comlink";
import { ZoetropeError } from "../src/core/errors.ts";
import type { HistoryApi } from "../src/protocol/history.ts";
import { HistoryService } from "../src/studio/history/history-service.ts";

const service = new HistoryService();

async function plain<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw ZoetropeError.from(thrown).toInfo();
  }
}

const api: HistoryApi = {
  list: () => plain(() => service.list()),
  addFrame: (id, frame) => plain(() => service.addFrame(id, frame)),
  keep: (record) => plain(() => service.keep(record)),
  frames: (id) =>
    plain(async () => {
      const frames = await service.frames(id);
      // Handed over, not copied: the page's thread has better things to do.
      return (
        frames &&
        transfer(
          [...frames],
          frames.map(({ data }) => data.buffer),
        )
      );
    }),
  change: (id, change) => plain(() => service.change(id, change)),
  remove: (ids) => plain(() => service.remove(ids)),
  restore: (ids) => plain(() => service.restore(ids)),
  queues: () => plain(() => service.queues()),
  keepQueue: (tab, renders) => plain(() => service.keepQueue(tab, renders)),
};

expose(api);
