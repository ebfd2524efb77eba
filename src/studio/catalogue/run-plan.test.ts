import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ZoetropeError } from "../../core/errors.ts";
import type { DownloadApi } from "../../protocol/download.ts";
import type { ModelKind, ShelfItem } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { CatalogueEntry, FetchPlan } from "../store/catalogue.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { planSet } from "./plan.ts";
import { rememberedIds } from "./remembered.ts";
import { cancelPlan, runPlan } from "./run-plan.ts";

const catalogue = { sets: [], entries: [] };

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  });
});
afterEach(() => vi.unstubAllGlobals());

function entry(id: string, kind: ModelKind): CatalogueEntry {
  const address = `https://example.org/${id}.safetensors`;
  const source = "https://example.org";
  return {
    id,
    name: id,
    purpose: "",
    kind,
    address,
    bytes: 100,
    sha256: null,
    licence: "MIT",
    source,
    settings: {},
    memoryBytes: null,
  };
}

const entries = [entry("checkpoint", "checkpoint"), entry("motion", "motion"), entry("lora", "lora")] as const;
const set = {
  id: "set",
  name: "Set",
  purpose: "",
  files: [
    { entry: entries[0], weight: null },
    { entry: entries[1], weight: null },
    { entry: entries[2], weight: 0.8 },
  ],
  settings: { steps: 6, cfgScale: 1.5, sampler: "lcm" as const },
  memoryBytes: null,
};

/** A store with an engine that takes every file for the kind of its name, and a host that behaves as `hosted` says. */
function studio(hosted: (name: string) => "sends" | "refuses" | "hangs" = () => "sends") {
  const store = createStudioStore();
  const log: string[] = [];
  const stop = new Map<string, () => void>();
  const nameOf = (address: string) => address.slice(address.lastIndexOf("/") + 1, address.lastIndexOf("."));
  const downloads: Partial<DownloadApi> = {
    async download({ address }, report) {
      const name = nameOf(address);
      log.push(`fetch ${name}`);
      report({ name, doneBytes: 50, totalBytes: 120, state: "receiving" });
      if (hosted(name) === "refuses") throw new ZoetropeError("download/login", { message: "no" });
      if (hosted(name) === "hangs") return new Promise((resolve) => stop.set(address, () => resolve(null)));
      return { name, file: new Blob([name]), sha256: "" };
    },
    cancel: async (address) => stop.get(address)?.(),
    discard: async (address) => void log.push(`discard ${nameOf(address)}`),
  };
  const engine: Partial<EngineClient> = {
    inspect: async () => [{ usable: true, files: [], kind: "lora", name: "", summary: "", bytes: 1 }],
    async importFiles([dropped], onEvent) {
      const name = dropped!.path as ModelKind;
      log.push(`add ${name}`);
      const item = { id: `id-${name}`, kind: name, name, summary: "", bytes: 1, builtIn: false, triggerWords: [], suggested: {} };
      onEvent({ type: "imported", item: item satisfies ShelfItem, notice: null });
      onEvent({ type: "done" });
    },
    shelf: async () => store.getState().shelf,
    probe: async () => ({}) as Awaited<ReturnType<EngineClient["probe"]>>,
  };
  const parts = { store, engine: engine as EngineClient, downloads: downloads as DownloadApi };
  const run = (plan: FetchPlan) =>
    runPlan(parts, { status: "agreeing", catalogue, plan, accepted: true, asking: false, error: null, loginAt: null });
  return { store, log, parts, run };
}

it("each file is added while the next one arrives; then the models are chosen and their settings applied", async () => {
  const { store, log, run } = studio();
  await run(planSet(set, [], {}));
  expect(log.filter((line) => !line.startsWith("discard"))).toEqual([
    "fetch checkpoint",
    "fetch motion",
    "add checkpoint",
    "fetch lora",
    "add motion",
    "add lora",
  ]);
  const { catalogue, checkpoint, motion, loraUse, numbers, sampler } = store.getState();
  expect(catalogue.status).toBe("ready");
  expect([checkpoint, motion, loraUse["id-lora"]]).toEqual(["id-checkpoint", "id-motion", { enabled: true, weight: "0.8" }]);
  expect([numbers.steps, numbers.cfgScale, sampler]).toEqual(["6", "1.5", "lcm"]);
});

it("a host that wants a token is named, and what is on the shelf by then is not fetched again", async () => {
  const { store, run } = studio((name) => (name === "motion" ? "refuses" : "sends"));
  await run(planSet(set, [], {}));
  const { catalogue, shelf } = store.getState();
  if (catalogue.status !== "agreeing") throw new Error(`it is ${catalogue.status}`);
  expect(catalogue).toMatchObject({ error: { code: "download/login" }, loginAt: entries[1].address });
  expect(catalogue.plan.files.map(({ shelfId }) => shelfId)).toEqual(["id-checkpoint", null, null]);
  const again = planSet(set, shelf, rememberedIds());
  expect(again.files.map(({ shelfId }) => shelfId)).toEqual(["id-checkpoint", null, null]);
});

it("a cancelled plan waits to be fetched again, without an error", async () => {
  const { store, parts, run } = studio((name) => (name === "lora" ? "hangs" : "sends"));
  const running = run(planSet(set, [], {}));
  await vi.waitFor(() => {
    const { catalogue } = store.getState();
    expect(catalogue).toMatchObject({ status: "fetching", progress: [{}, { status: "added" }, { status: "fetching" }] });
  });
  await cancelPlan(parts);
  await running;
  expect(store.getState().catalogue).toMatchObject({ status: "agreeing", error: null });
});
