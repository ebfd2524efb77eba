/** The history worker as the page sees it (through comlink). Types only. */
import type { ModelNames, RenderRequest } from "./engine.ts";

/** The first and the last frame that play and are exported, both included; null: the clip's own. */
export interface Trim {
  readonly inPoint: number | null;
  readonly outPoint: number | null;
}

/** A finished animation without its frames. */
export interface HistoryRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly favourite: boolean;
  /** The name that the person gave it; null or absent: its prompt serves as its name. */
  readonly title?: string | null;
  /** Absent: it plays whole. */
  readonly trim?: Trim;
  /** Shared by the animations of one batch. */
  readonly batch: string | null;
  readonly request: RenderRequest;
  readonly names: ModelNames;
  /** The time that rendering took. */
  readonly durationMs: number;
}

/** The fields of a finished animation that a person can change. */
export type HistoryChange = Partial<Pick<HistoryRecord, "favourite" | "title" | "trim">>;

/** A stored record, with the bytes of its frames and a small PNG of one of them. */
export interface KeptRecord extends HistoryRecord {
  readonly bytes: number;
  readonly thumbnail: Uint8Array<ArrayBuffer>;
}

/** A rendering that waits in the queue. */
export interface QueuedRender {
  readonly id: string;
  readonly request: RenderRequest;
  readonly names: ModelNames;
  /** An id that the renderings of one batch share; null for a single rendering. */
  readonly batch: string | null;
}

/** The queue of one tab, the next rendering first. */
export interface KeptQueue {
  readonly tab: string;
  readonly renders: readonly QueuedRender[];
}

/** RGBA, 8 bit. */
export interface FramePixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export interface HistoryApi {
  /** Newest first. `lasting`: the records outlive the tab. */
  list(): Promise<{ readonly records: readonly KeptRecord[]; readonly lasting: boolean }>;
  /** Adds the next frame of an animation that is about to be kept. The page sends one frame at a time, so that it answers in between. */
  addFrame(id: string, frame: FramePixels): Promise<void>;
  /** Stores an animation with the frames that were added for it, either whole or not at all. Throws `storage/full`. */
  keep(record: HistoryRecord): Promise<KeptRecord>;
  /** null when there is no such animation. */
  frames(id: string): Promise<readonly FramePixels[] | null>;
  /** Does nothing when there is no such animation. */
  change(id: string, change: HistoryChange): Promise<void>;
  /** Removes animations from the list. Their bytes are deleted a while later, even if the tab is closed before. */
  remove(ids: readonly string[]): Promise<void>;
  /** Puts removed animations back, as long as their bytes have not been deleted. */
  restore(ids: readonly string[]): Promise<void>;
  /** The queues of all tabs, closed tabs included. */
  queues(): Promise<readonly KeptQueue[]>;
  /** Replaces the queue of `tab`; an empty queue is deleted. */
  keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void>;
}
