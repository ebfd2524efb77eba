/** What fetching a set or a single file means on this device: which files, how much room, how long a clip will take. */
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { DownloadApi } from "../../protocol/download.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { CatalogueEntry, CatalogueSet, FetchPlan, PlannedFile } from "../store/catalogue.ts";
import type { LastRun } from "../store/device.ts";

/** The ids of models on the shelf by the address that each came from. */
export type FetchedIds = Readonly<Record<string, string>>;

export function planSet(set: CatalogueSet, shelf: readonly ShelfItem[], fetched: FetchedIds): FetchPlan {
  const { name, purpose, settings, memoryBytes } = set;
  const files = set.files.map(({ entry, weight }) => planFile(entry, weight, shelf, fetched));
  return { title: name, purpose, files, settings, memoryBytes };
}

export function planEntry(entry: CatalogueEntry, shelf: readonly ShelfItem[], fetched: FetchedIds): FetchPlan {
  const { name, purpose, settings, memoryBytes } = entry;
  return { title: name, purpose, files: [planFile(entry, null, shelf, fetched)], settings, memoryBytes };
}

function planFile(entry: CatalogueEntry, weight: number | null, shelf: readonly ShelfItem[], fetched: FetchedIds): PlannedFile {
  const id = fetched[entry.address];
  const shelfId = shelf.some((item) => item.id === id) ? id! : null;
  return { entry, weight, bytes: entry.bytes, exact: false, sha256: entry.sha256, shelfId };
}

/** A host that takes longer to list a file is not waited for. */
const ANSWER_WITHIN_MS = 8000;

/** The plan with exact sizes and SHA-256 as far as the hosts list them; a host that does not answer changes nothing. */
export async function withHostsFacts(plan: FetchPlan, downloads: DownloadApi): Promise<FetchPlan> {
  const files = plan.files.map(async (file): Promise<PlannedFile> => {
    if (file.shelfId !== null) return file;
    const { address } = file.entry;
    const late = setTimeout(() => void downloads.cancel(address), ANSWER_WITHIN_MS);
    const found = await downloads.find(address).catch(() => null);
    clearTimeout(late);
    const [facts] = found?.files ?? [];
    if (facts?.bytes == null) return file;
    return { ...file, bytes: facts.bytes, exact: true, sha256: file.sha256 ?? facts.sha256 };
  });
  return { ...plan, files: await Promise.all(files) };
}

export function filesToFetch({ files }: FetchPlan): readonly PlannedFile[] {
  return files.filter(({ shelfId }) => shelfId === null);
}

export function bytesToFetch(plan: FetchPlan): number {
  return filesToFetch(plan).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Converted weights take this share of a file at q8 (docs/performance.md: 4.8 GB with files of 2.97 GB). */
const CONVERTED_SHARE = 0.65;

/** The most room that the plan takes at a time: files, converted weights, and the download of the largest until its copy is on the shelf. */
export function roomForBytes(plan: FetchPlan): number {
  const largest = Math.max(0, ...filesToFetch(plan).map(({ bytes }) => bytes));
  return Math.round(bytesToFetch(plan) * (1 + CONVERTED_SHARE) + largest);
}

/** Parameters of SD 1.x's UNet and VAE with an AnimateDiff module. */
const SD_PARAMETERS = 1.33e9;

/**
 * Milliseconds that a clip of SD 1.x would take with `settings`, in proportion to the last animation's parameters × pixels × steps.
 * It is right within a factor of two or so when that was made with another model. null: nothing was made yet, or on another device.
 */
export function foreseenMs(
  settings: Partial<RenderSettings>,
  last: LastRun | null,
  backend: string | null,
  shelf: readonly ShelfItem[],
): number | null {
  if (last === null || last.backend !== backend) return null;
  const { denoise, decode } = last.timingsMs;
  if (denoise === undefined || decode === undefined) return null;
  const { models, settings: before } = last.request;
  const parameters = [models.checkpoint, models.motion].reduce(
    (sum, id) => sum + (shelf.find((item) => item.id === id)?.size?.parameters ?? 0),
    0,
  );
  if (parameters === 0) return null;
  const next = { ...before, ...settings };
  const pixels = area(next) / area(before);
  const calls = (next.steps * passes(next)) / (before.steps * passes(before));
  return (SD_PARAMETERS / parameters) * pixels * (denoise * calls + decode);
}

function area({ frames, width, height }: RenderSettings): number {
  return frames * width * height;
}

/** Runs of the UNet for each step; guidance makes two. */
function passes({ cfgScale }: RenderSettings): number {
  return cfgScale > 1 ? 2 : 1;
}
