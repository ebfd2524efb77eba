import { afterEach, expect, it, vi } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { ApngEncoder } from "../../media/png/apng-encoder.ts";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { EngineClient } from "../engine/client.ts";
import type { Farm } from "../store/farm.ts";
import type { StudioState } from "../store/studio-store.ts";
import { withFarm } from "./farm-engine.ts";

const LORA = "0123456789abcdef0123456789abcdef";
const shelf = [
  { id: "mini", kind: "checkpoint", name: "Mini", triggerWords: [] },
  { id: LORA, kind: "lora", name: "mine", triggerWords: [] },
] as unknown as ShelfItem[];
const request: RenderRequest = {
  settings: { ...defaultSettings(), prompt: "a red ball <lora:mine:0.5>", width: 64, height: 64, frames: 2 },
  models: { checkpoint: "mini", motion: "mini-motion", vae: null, loras: [], motionLoras: [] },
};

/** A page whose farm answers as `answer` says. */
function page(answer: (method: string, path: string, body: unknown) => Response | Promise<Response>) {
  const state = {
    farm: { status: "ready", at: { address: "http://cellar:4690/", token: "secret" } } as Farm,
    shelf,
    setFarm: (farm: Farm) => {
      state.farm = farm;
    },
  };
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL, init: RequestInit) => {
    const method = init.method ?? "GET";
    asked.push(`${method} ${url.pathname}${url.search}`);
    expect(new Headers(init.headers).get("Authorization")).toBe("Bearer secret");
    return answer(method, url.pathname, init.body);
  });
  const local = {
    shelf: async () => shelf.slice(0, 1),
    files: async () => [{ path: "mine.safetensors", blob: new Blob(["lora"]) }],
    render: async (_: RenderRequest, report: (event: RenderEvent) => void) => report({ type: "done", timingsMs: { text: 1 } }),
  } as unknown as EngineClient;
  const engine = withFarm(local, { getState: () => state as unknown as StudioState });
  const render = async () => {
    const events: RenderEvent[] = [];
    await engine.render(request, (event) => events.push(event));
    return events;
  };
  return { engine, state, asked, render };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

function clip(): Uint8Array<ArrayBuffer> {
  const encoder = new ApngEncoder({ width: 64, height: 64, fps: 8, frameCount: 2, settings: "" }, 0, () => undefined);
  for (const colour of [10, 200]) encoder.addFrame(new Uint8ClampedArray(4 * 64 * 64).fill(colour));
  return encoder.finish();
}

function stream(...events: object[]): Response {
  return new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
}

it("sends the LoRA that the farm lacks once, and the farm's previews and frames are the engine's events", async () => {
  let sent = false;
  const { asked, render } = page((method, path, body) => {
    if (method === "PUT") {
      sent = true;
      return Response.json({});
    }
    if (path === "/api/jobs" && !sent)
      return Response.json({ error: { code: "farm/missing-file", message: "", hint: "", missing: [LORA] } }, { status: 409 });
    if (path === "/api/jobs") {
      expect(JSON.parse(String(body))).toMatchObject({
        format: "apng",
        loras: [{ id: LORA, weight: 0.5 }],
        motion: { id: "mini-motion" },
      });
      return Response.json({ id: "job" });
    }
    if (path.endsWith("/events")) {
      const preview = { type: "preview", step: 0, steps: 1, frames: 2, width: 1, height: 1, pixels: btoa("abcdefgh") };
      return stream({ type: "status", status: { state: "active" } }, preview, { type: "status", status: { state: "done" } });
    }
    return new Response(clip());
  });
  const events = await render();
  expect(events.map(({ type }) => type)).toEqual(["preview", "frame", "frame", "done"]);
  expect([...(events[0] as { pixels: Uint8ClampedArray }).pixels]).toEqual([...new TextEncoder().encode("abcdefgh")]);
  expect((events[2] as { pixels: Uint8ClampedArray }).pixels[0]).toBe(200);
  expect(asked).toEqual([
    ...["POST /api/jobs", `PUT /api/files/${LORA}?name=mine.safetensors`, "POST /api/jobs"],
    ...["GET /api/jobs/job/events", "GET /api/clips/job"],
  ]);
});

it("stopping cancels the farm's job", async () => {
  const { engine, asked, render } = page((_, path) => {
    if (path === "/api/jobs") return Response.json({ id: "job" });
    if (path.endsWith("/events"))
      return new Promise<Response>((_, reject) => setTimeout(() => reject(new TypeError("aborted")), 50));
    return Response.json({});
  });
  const rendering = render();
  await expect.poll(() => asked).toContain("GET /api/jobs/job/events");
  await engine.cancelRender();
  expect(await rendering).toEqual([{ type: "cancelled" }]);
  expect(asked).toContain("DELETE /api/jobs/job");
});

it("a farm that is away is named, and this device renders from then on", async () => {
  const { engine, state, render } = page(() => Promise.reject(new TypeError("refused")));
  expect(await render()).toMatchObject([{ type: "failed", error: { code: "farm/away" } }]);
  expect(state.farm.status).toBe("away");
  expect(await render()).toEqual([{ type: "done", timingsMs: { text: 1 } }]);
  expect(await engine.shelf()).toHaveLength(1);
});

it("the farm's models stand beside this device's, and cannot be removed from here", async () => {
  const theirs = { id: "big", kind: "checkpoint", name: "Big", builtIn: false, bytes: 5 };
  const { engine } = page(() => Response.json({ farm: "zoetrope", shelf: [{ ...shelf[0], name: "theirs" }, theirs] }));
  expect((await engine.shelf()).map(({ name, builtIn }) => [name, builtIn])).toEqual([
    ["Mini", undefined],
    ["Big", true],
  ]);
});
