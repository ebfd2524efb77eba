/** The history worker as the page sees it (through comlink). Types only. */
import type { ModelNames, RenderRequest } from "./engine.ts";

/** What is known of a finished animation, without its pictures. */
export interface HistoryRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly favourite: boolean;
  /** What the person calls it; null or absent: its prompt stands for it. */
  readonly title?: string | null;
  /** Shared by the animations of one batch. */
  readonly batch: string | null;
  readonly request: RenderRequest;
  readonly names: ModelNames;
  /** How long it took to make. */
  readonly durationMs: number;
}

/** What a person can change of a finished animation. */
export type HistoryChange = Partial<Pick<HistoryRecord, "favourite" | "title">>;

/** A record as it is kept: with the bytes its frames take and a small PNG of one of them. */
export interface KeptRecord extends HistoryRecord {
  readonly bytes: number;
  readonly thumbnail: Uint8Array<ArrayBuffer>;
}

/** A rendering that waits for its turn. */
export interface QueuedRender {
  readonly id: string;
  readonly request: RenderRequest;
  readonly names: ModelNames;
  /** What the renderings of one press of the button have in common when there are several; else null. */
  readonly batch: string | null;
}

/** What one tab has still to make, the next one first. */
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
  /** Newest first. `lasting` tells whether they survive the tab. */
  list(): Promise<{ readonly records: readonly KeptRecord[]; readonly lasting: boolean }>;
  /** The next frame of an animation that is about to be kept: one at a time, so that the page answers in between. */
  addFrame(id: string, frame: FramePixels): Promise<void>;
  /** Keeps an animation, with the frames that were added for it, as a whole or not at all. Throws `storage/full`. */
  keep(record: HistoryRecord): Promise<KeptRecord>;
  /** null when there is no such animation. */
  frames(id: string): Promise<readonly FramePixels[] | null>;
  /** Does nothing when there is no such animation. */
  change(id: string, change: HistoryChange): Promise<void>;
  /** They are no longer listed; their bytes go a while later, also when the tab is closed before. */
  remove(ids: readonly string[]): Promise<void>;
  /** Puts back what was removed, as long as its bytes are there. */
  restore(ids: readonly string[]): Promise<void>;
  /** What is still to be made, or was when its tab was closed. */
  queues(): Promise<readonly KeptQueue[]>;
  /** Replaces what `tab` has still to make; an empty one is forgotten. */
  keepQueue(tab: string, renders: readonly QueuedRender[]): Promise<void>;
}
