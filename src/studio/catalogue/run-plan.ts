/**
 * Fetches the files of a plan one after the other, adds each to the shelf while the next one arrives, and ends with the models
 * chosen and their settings applied.
 */
import { ZoetropeError } from "../../core/errors.ts";
import { fieldsOf, type PickedFields } from "../../core/settings/fields.ts";
import type { NumberName } from "../../core/settings/schema.ts";
import type { DownloadApi, Downloaded } from "../../protocol/download.ts";
import type { DroppedFile, ImportEvent, ShelfItem } from "../../protocol/engine.ts";
import { keepStorage } from "../../storage/persistence.ts";
import type { EngineClient } from "../engine/client.ts";
import { putToUse } from "../shelf/choose-model.ts";
import { tellOtherTabs } from "../shelf/other-tabs.ts";
import { refreshShelf } from "../shelf/read-shelf.ts";
import type { CatalogueIn, FetchPlan, FileProgress, PlannedFile } from "../store/catalogue.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { rememberedIds, rememberId } from "./remembered.ts";

interface Parts {
  readonly store: StudioStore;
  readonly engine: EngineClient;
  readonly downloads: DownloadApi;
}

/** The person ended it; what has arrived stays. */
class Cancelled extends Error {}

export async function runPlan(parts: Parts, { catalogue, plan }: CatalogueIn<"agreeing">): Promise<void> {
  const { store, engine } = parts;
  const progress = plan.files.map(({ shelfId }): FileProgress => ({ status: shelfId === null ? "waiting" : "added" }));
  store.getState().setCatalogue({ status: "fetching", catalogue, plan, progress, startedAt: performance.now(), stopping: false });
  let reached: FetchPlan = plan;
  try {
    for (const [index, added] of await addAll(parts, plan)) {
      const files = reached.files.with(index, { ...reached.files[index]!, shelfId: added.id });
      reached = { ...reached, files };
    }
    await refreshShelf(store, engine);
    tellOtherTabs();
    putPlanToUse(store, reached);
    store.getState().setCatalogue({ status: "ready", catalogue, plan: reached });
    const { catalogueOpen, tell, announce } = store.getState();
    if (catalogueOpen) announce(`${plan.title} is ready`);
    else tell("done", { message: `${plan.title} is on the shelf and set up.`, hint: "Press Generate." });
  } catch (thrown) {
    const error = thrown instanceof Cancelled ? null : ZoetropeError.from(thrown).toInfo();
    const loginAt = error?.code === "download/login" ? fetchingAddress(store) : null;
    await refreshShelf(store, engine);
    const left = onShelfSoFar(store, plan);
    store.getState().setCatalogue({ status: "agreeing", catalogue, plan: left, accepted: true, asking: false, error, loginAt });
    if (error !== null && !store.getState().catalogueOpen) store.getState().tell("error", error);
  }
}

export async function cancelPlan({ store, engine, downloads }: Parts): Promise<void> {
  const { catalogue, setCatalogue } = store.getState();
  if (catalogue.status !== "fetching" || catalogue.stopping) return;
  setCatalogue({ ...catalogue, stopping: true });
  for (const [i, { status }] of catalogue.progress.entries()) {
    if (status === "fetching") await downloads.cancel(catalogue.plan.files[i]!.entry.address);
    if (status === "adding") await engine.cancelImport().catch(() => engine.restart());
  }
}

/** @returns the shelf's item of each fetched file, by its index in the plan */
async function addAll(parts: Parts, { files }: FetchPlan): Promise<Map<number, ShelfItem>> {
  const wanted = [...files.entries()].filter(([, { shelfId }]) => shelfId === null);
  const added = new Map<number, ShelfItem>();
  const arrivals: Promise<Downloaded>[] = [];
  const startFetching = (at: number) => {
    const next = wanted[at];
    if (next !== undefined) arrivals[at] = fetchFile(parts, ...next);
    // Nobody waits for it yet; a failure is heard when its turn comes, or not at all if an earlier file fails.
    arrivals[at]?.catch(() => undefined);
  };
  try {
    startFetching(0);
    for (const [at, [index, file]] of wanted.entries()) {
      const downloaded = await arrivals[at]!;
      startFetching(at + 1);
      added.set(index, await addFile(parts, index, file, downloaded));
    }
    return added;
  } catch (thrown) {
    for (const { entry } of files) await parts.downloads.cancel(entry.address);
    await Promise.allSettled(arrivals);
    throw thrown;
  }
}

async function fetchFile({ store, downloads }: Parts, index: number, file: PlannedFile): Promise<Downloaded> {
  const { address } = file.entry;
  throwIfStopping(store);
  setProgress(store, index, { status: "fetching", doneBytes: 0, state: "receiving" });
  const order = { address, name: null, bytes: file.exact ? file.bytes : null, sha256: file.sha256 };
  const downloaded = await downloads.download(order, ({ doneBytes, totalBytes, state }) => {
    if (totalBytes !== null && totalBytes !== file.bytes) setBytes(store, index, totalBytes);
    // A report may arrive after the end of the download.
    if (statusOf(store, index) === "fetching") setProgress(store, index, { status: "fetching", doneBytes, state });
  });
  if (downloaded === null) throw new Cancelled();
  setProgress(store, index, { status: "fetched" });
  return downloaded;
}

async function addFile(parts: Parts, index: number, { entry }: PlannedFile, downloaded: Downloaded): Promise<ShelfItem> {
  const { store, engine, downloads } = parts;
  throwIfStopping(store);
  setProgress(store, index, { status: "adding", phase: "read", share: 0 });
  const dropped = { path: downloaded.name, file: new File([downloaded.file], downloaded.name) };
  const [verdict] = await engine.inspect([dropped]);
  if (verdict?.usable === false) {
    // A file that nothing here can use need not stay.
    await downloads.discard(entry.address);
    throw ZoetropeError.fromInfo(verdict.error);
  }
  const item = await importFile(parts, index, dropped);
  rememberId(entry.address, item.id);
  await downloads.discard(entry.address);
  // Browsers grant this more readily to a page that has stored something; a refusal changes nothing.
  void keepStorage();
  setProgress(store, index, { status: "added" });
  return item;
}

/** @throws ZoetropeError the file's refusal */
async function importFile({ store, engine }: Parts, index: number, dropped: DroppedFile): Promise<ShelfItem> {
  const ends: ImportEvent[] = [];
  await engine.importFiles([dropped], (event) => {
    if (event.type === "progress") {
      setProgress(store, index, { status: "adding", phase: event.phase, share: event.doneBytes / Math.max(1, event.totalBytes) });
    } else ends.push(event);
  });
  for (const event of ends) {
    if (event.type === "refused") throw ZoetropeError.fromInfo(event.error);
    if (event.type === "cancelled") throw new Cancelled();
    if (event.type !== "imported") continue;
    const { setShelf, shelf, tell } = store.getState();
    setShelf([...shelf.filter(({ id }) => id !== event.item.id), event.item]);
    if (event.notice !== null) tell("notice", { message: event.notice, hint: "" });
    return event.item;
  }
  throw new Cancelled();
}

function throwIfStopping(store: StudioStore): void {
  const { catalogue } = store.getState();
  if (catalogue.status !== "fetching" || catalogue.stopping) throw new Cancelled();
}

function statusOf(store: StudioStore, index: number): FileProgress["status"] | null {
  const { catalogue } = store.getState();
  return catalogue.status === "fetching" ? catalogue.progress[index]!.status : null;
}

function setProgress(store: StudioStore, index: number, next: FileProgress): void {
  const { catalogue, setCatalogue } = store.getState();
  if (catalogue.status !== "fetching") return;
  setCatalogue({ ...catalogue, progress: catalogue.progress.with(index, next) });
}

/** The catalogue knows sizes roughly; the host knows better. */
function setBytes(store: StudioStore, index: number, bytes: number): void {
  const { catalogue, setCatalogue } = store.getState();
  if (catalogue.status !== "fetching" || catalogue.plan.files[index]!.bytes === bytes) return;
  const files = catalogue.plan.files.with(index, { ...catalogue.plan.files[index]!, bytes, exact: true });
  setCatalogue({ ...catalogue, plan: { ...catalogue.plan, files } });
}

function fetchingAddress(store: StudioStore): string | null {
  const { catalogue } = store.getState();
  if (catalogue.status !== "fetching") return null;
  const index = catalogue.progress.findIndex(({ status }) => status === "fetching");
  return catalogue.plan.files[index]?.entry.address ?? null;
}

/** The plan after an interruption: files that made it to the shelf are not fetched again. */
function onShelfSoFar(store: StudioStore, plan: FetchPlan): FetchPlan {
  const { shelf } = store.getState();
  const ids = rememberedIds();
  const files = plan.files.map((file) => {
    const id = ids[file.entry.address];
    return shelf.some((item) => item.id === id) ? { ...file, shelfId: id! } : file;
  });
  return { ...plan, files };
}

/** Chooses the plan's models and applies the settings that suit them. */
function putPlanToUse(store: StudioStore, { files, settings }: FetchPlan): void {
  const items = files.flatMap(({ shelfId }) => store.getState().shelf.filter(({ id }) => id === shelfId));
  putToUse(store, items);
  for (const { shelfId, weight } of files) {
    if (weight !== null && shelfId !== null) store.getState().setLora(shelfId, { enabled: true, weight: String(weight) });
  }
  const { numbers, others } = fieldsOf(settings);
  const { setNumber, choose } = store.getState();
  for (const [name, text] of Object.entries(numbers)) setNumber(name as NumberName, text);
  choose(others as Partial<PickedFields>);
}
