import { expect, it } from "vitest";
import { ZoetropeError } from "../../core/errors.ts";
import type { RenderRequest } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import { type EngineLink, engineClient, engineClosed, type WorkerApi } from "./client.ts";

const never = new Promise<never>(() => {});
const request = {} as RenderRequest;

function linkTo(api: Partial<WorkerApi>, lost: Promise<never> = never): EngineLink {
  return { api: api as WorkerApi, lost, close: () => {} };
}

it("events arrive in order, and the call ends after the last even if the engine returned before its delivery", async () => {
  const engine = engineClient(() =>
    linkTo({
      render: async (_request, port) => {
        for (const type of ["phase", "done"] as const) port.postMessage({ type });
      },
    }),
  );
  const seen: string[] = [];
  await engine.render(request, ({ type }) => seen.push(type));
  expect(seen).toEqual(["phase", "done"]);
});

it("ending an engine that does not answer cancels its calls", async () => {
  let end = () => {};
  const lost = new Promise<never>((_, reject) => {
    end = () => reject(new ZoetropeError(engineClosed, { message: "The engine was stopped." }));
  });
  const engine = engineClient(() => ({ ...linkTo({ render: () => never }, lost), close: () => end() }));
  const events: RenderEvent[] = [];
  const rendering = engine.render(request, (event) => events.push(event));
  engine.restart();
  await rendering;
  expect(events).toEqual([{ type: "cancelled" }]);
});

it("an engine that dies fails the rendering with a sentence, and the next call starts another", async () => {
  let opened = 0;
  const lost = Promise.reject(new ZoetropeError("engine/lost", { message: "The engine stopped." }));
  lost.catch(() => {});
  const engine = engineClient(() => {
    opened += 1;
    return opened === 1 ? linkTo({ render: () => never }, lost) : linkTo({ shelf: async () => [] });
  });
  const events: RenderEvent[] = [];
  await engine.render(request, (event) => events.push(event));
  expect(events).toEqual([{ type: "failed", error: { code: "engine/lost", message: "The engine stopped.", hint: "" } }]);
  expect(await engine.shelf()).toEqual([]);
  expect(opened).toBe(2);
});
