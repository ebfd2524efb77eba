/** The running job, the clip on the stage, and the messages for the person. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import { type Clip, isBlank, withFrame, withPreview } from "./clip.ts";
import { advance, enterPhase, noProgress, type Progress } from "./progress.ts";
import { nextToldId } from "./told-ids.ts";

export type Job =
  | { readonly status: "idle"; readonly lastDurationMs: number | null }
  | {
      readonly status: "running";
      readonly startedAt: number;
      readonly stoppingSince: number | null;
      readonly progress: Progress;
      /** The clip that is being rendered; the stage may show another one meanwhile. */
      readonly clip: Clip;
    };

export interface Message {
  /** Higher than those of earlier messages and removals. */
  readonly id: number;
  /** "done" confirms an action, and disappears by itself. */
  readonly kind: "error" | "notice" | "done";
  readonly text: string;
  readonly hint: string;
  readonly action: MessageAction | null;
}

/** A button of a message. */
export interface MessageAction {
  readonly label: string;
  readonly run: () => void;
}

export interface StoppedClip {
  readonly id: string;
  /** How far it came: "Stopped at step 7 of 20." */
  readonly words: string;
}

/** The id distinguishes announcements with the same text. */
export interface Announcement {
  readonly id: number;
  readonly text: string;
}

export interface RenderSlice {
  readonly job: Job;
  /** Generate was pressed while the engine was starting; the rendering begins when it has started. */
  readonly waiting: boolean;
  /** The clip on the stage. */
  readonly clip: Clip | null;
  /** The clip that was stopped last, while the engine can go on with it; null: there is none. */
  readonly stopped: StoppedClip | null;
  readonly messages: readonly Message[];
  /** The latest announcement for screen readers. */
  readonly announcement: Announcement;
  setWaiting(waiting: boolean): void;
  beginJob(clip: Clip, now: number): void;
  beginStopping(now: number): void;
  endJob(durationMs: number | null): void;
  setStopped(stopped: StoppedClip): void;
  /**
   * Applies an event to the running job. The stage keeps what it shows until the first picture comes, then follows the
   * job, unless the person brings back another clip.
   */
  applyEvent(event: RenderEvent, now: number): void;
  showClip(clip: Clip): void;
  tell(kind: Message["kind"], info: Pick<ErrorInfo, "message" | "hint">, action?: MessageAction): void;
  dismiss(id: number): void;
  dismissErrors(): void;
  announce(text: string): void;
}

export const createRenderSlice: StateCreator<RenderSlice> = (set) => ({
  job: { status: "idle", lastDurationMs: null },
  waiting: false,
  clip: null,
  stopped: null,
  messages: [],
  announcement: { id: 0, text: "" },

  setWaiting: (waiting) => set({ waiting }),
  beginJob: (clip, now) =>
    set({ stopped: null, job: { status: "running", startedAt: now, stoppingSince: null, progress: noProgress, clip } }),
  beginStopping: (now) => set(({ job }) => (job.status === "running" ? { job: { ...job, stoppingSince: now } } : {})),
  setStopped: (stopped) => set({ stopped }),
  endJob: (lastDurationMs) => set({ job: { status: "idle", lastDurationMs } }),

  applyEvent: (event, now) =>
    set(({ job, clip: shown }) => {
      if (job.status !== "running") return {};
      const clip = grow(job.clip, event);
      const follows = !isBlank(clip) && (isBlank(job.clip) || shown?.id === clip.id);
      return { job: { ...job, clip, progress: follow(job.progress, event, now) }, clip: follows ? clip : shown };
    }),

  showClip: (clip) => set({ clip }),

  tell: (kind, { message, hint }, action = undefined) =>
    set(({ messages }) => {
      const others = messages.filter((old) => old.text !== message);
      return { messages: [...others, { id: nextToldId(), kind, text: message, hint, action: action ?? null }] };
    }),
  dismiss: (id) => set(({ messages }) => ({ messages: messages.filter((message) => message.id !== id) })),
  dismissErrors: () => set(({ messages }) => ({ messages: messages.filter(({ kind }) => kind !== "error") })),
  announce: (text) => set(({ announcement }) => ({ announcement: { id: announcement.id + 1, text } })),
});

function follow(progress: Progress, event: RenderEvent, now: number): Progress {
  switch (event.type) {
    case "phase":
      return enterPhase(progress, event.phase, now);
    case "progress":
      return advance(progress, event.phase, event.done, event.total, now);
    default:
      return progress;
  }
}

function grow(clip: Clip, event: RenderEvent): Clip {
  switch (event.type) {
    case "preview":
      return withPreview(clip, event);
    case "frame":
      return withFrame(clip, event);
    case "done":
      return { ...clip, state: "complete" };
    case "cancelled":
    case "failed":
      return { ...clip, state: "stopped" };
    default:
      return clip;
  }
}
