/** The player: the shown frame, its direction, the loop and the zoom. */
import type { StateCreator } from "zustand/vanilla";
import type { Trim } from "../../protocol/history.ts";
import type { RenderSlice } from "./render.ts";

export type LoopMode = "loop" | "ping-pong" | "once";
/** "fit": as large as the stage allows; a number: screen pixels for each pixel of the picture. */
export type Zoom = "fit" | number;

export interface Position {
  readonly frame: number;
  readonly direction: 1 | -1;
}

/** First and last frame that play, both included. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

export interface PlayerSlice extends Position {
  readonly playing: boolean;
  readonly loopMode: LoopMode;
  /** By a clip's id: how it is trimmed. A clip that is not listed plays whole. */
  readonly trims: Readonly<Record<string, Trim>>;
  /** Whether neighbouring frames show through the present one. */
  readonly onionSkin: boolean;
  readonly zoom: Zoom;
  setPlaying(playing: boolean): void;
  /** Plays or pauses; a clip that has played once to its end starts over. */
  togglePlaying(count: number): void;
  setLoopMode(mode: LoopMode): void;
  /** Shows `frame`, clamped to the clip, and pauses there. */
  seek(frame: number, count: number): void;
  /** Moves one frame forward or back, around the ends, and pauses there. */
  stepFrame(by: 1 | -1, count: number): void;
  /** Advances by `ticks` frame durations. */
  tick(ticks: number, count: number): void;
  rewind(): void;
  /** Trims the clip on the stage. An in point behind the out point clears that, and the other way round. */
  setInPoint(frame: number | null): void;
  setOutPoint(frame: number | null): void;
  /** Takes over how clips were trimmed on an earlier visit; a trim that is known already stays. */
  restoreTrims(trims: Readonly<Record<string, Trim>>): void;
  setOnionSkin(onionSkin: boolean): void;
  setZoom(zoom: Zoom): void;
}

const untrimmed: Trim = { inPoint: null, outPoint: null };

/** How the clip on the stage is trimmed. */
export function trimOf({ clip, trims }: Pick<PlayerSlice, "trims"> & Pick<RenderSlice, "clip">): Trim {
  return (clip === null ? undefined : trims[clip.id]) ?? untrimmed;
}

type PlayerState = PlayerSlice & Pick<RenderSlice, "clip">;

export const createPlayerSlice: StateCreator<PlayerState, [], [], PlayerSlice> = (set) => ({
  frame: 0,
  direction: 1,
  playing: true,
  loopMode: "loop",
  trims: {},
  onionSkin: false,
  zoom: "fit",
  setPlaying: (playing) => set({ playing }),
  togglePlaying: (count) =>
    set((state) => {
      const range = playRange(trimOf(state), count);
      const anew = !state.playing && nextPosition(state, range, state.loopMode) === null;
      return { playing: !state.playing, frame: anew ? range.first : state.frame };
    }),
  setLoopMode: (loopMode) => set({ loopMode, direction: 1 }),
  seek: (frame, count) => set({ frame: Math.max(0, Math.min(count - 1, frame)), direction: 1, playing: false }),
  stepFrame: (by, count) =>
    set(({ frame }) => ({ frame: count > 0 ? (frame + by + count) % count : 0, direction: 1, playing: false })),
  tick: (ticks, count) =>
    set((state) => {
      const range = playRange(trimOf(state), count);
      let position: Position = state;
      for (let i = 0; i < ticks; i++) {
        const next = nextPosition(position, range, state.loopMode);
        if (next === null) return { frame: position.frame, playing: false };
        position = next;
      }
      return { frame: position.frame, direction: position.direction };
    }),
  rewind: () => set((state) => ({ frame: trimOf(state).inPoint ?? 0, direction: 1 })),
  setInPoint: (inPoint) =>
    set((state) => {
      const { outPoint } = trimOf(state);
      return trimmed(state, { inPoint, outPoint: inPoint !== null && outPoint !== null && outPoint < inPoint ? null : outPoint });
    }),
  setOutPoint: (outPoint) =>
    set((state) => {
      const { inPoint } = trimOf(state);
      return trimmed(state, { inPoint: outPoint !== null && inPoint !== null && inPoint > outPoint ? null : inPoint, outPoint });
    }),
  restoreTrims: (earlier) => set(({ trims }) => ({ trims: { ...earlier, ...trims } })),
  setOnionSkin: (onionSkin) => set({ onionSkin }),
  setZoom: (zoom) => set({ zoom }),
});

function trimmed({ clip, trims }: PlayerState, trim: Trim): Partial<PlayerSlice> {
  return clip === null ? {} : { trims: { ...trims, [clip.id]: trim } };
}

/** The range that plays of a clip of `count` frames; points outside the clip are ignored. */
export function playRange({ inPoint, outPoint }: Trim, count: number): FrameRange {
  const end = Math.max(0, count - 1);
  const first = inPoint === null || inPoint > end ? 0 : inPoint;
  return { first, last: outPoint === null || outPoint < first ? end : Math.min(end, outPoint) };
}

/** The position after `position`; null: a clip that plays once is at its end. From outside the range the player goes to its beginning. */
export function nextPosition({ frame, direction }: Position, { first, last }: FrameRange, mode: LoopMode): Position | null {
  if (frame < first || frame > last) return { frame: first, direction: 1 };
  if (first === last) return mode === "once" ? null : { frame: first, direction: 1 };
  switch (mode) {
    case "loop":
      return { frame: frame === last ? first : frame + 1, direction: 1 };
    case "once":
      return frame === last ? null : { frame: frame + 1, direction: 1 };
    case "ping-pong": {
      const atEnd = frame + direction < first || frame + direction > last;
      const onward = atEnd ? (direction === 1 ? -1 : 1) : direction;
      return { frame: frame + onward, direction: onward };
    }
  }
}

/** The frames of one round in playing order: a ping-pong of 4 is 0 1 2 3 2 1. */
export function playOrder(count: number, mode: LoopMode, range: FrameRange = { first: 0, last: count - 1 }): number[] {
  const forth = Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i);
  return mode === "ping-pong" ? [...forth, ...forth.slice(1, -1).reverse()] : forth;
}
