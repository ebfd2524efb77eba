/** The player: the shown frame, its direction, the loop and the zoom. */
import type { StateCreator } from "zustand/vanilla";

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
  /** The first and last frame for playing and exporting; null: the clip's own. */
  readonly inPoint: number | null;
  readonly outPoint: number | null;
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
  /** An in point behind the out point clears that, and the other way round. */
  setInPoint(frame: number | null): void;
  setOutPoint(frame: number | null): void;
  setOnionSkin(onionSkin: boolean): void;
  setZoom(zoom: Zoom): void;
}

export const createPlayerSlice: StateCreator<PlayerSlice> = (set) => ({
  frame: 0,
  direction: 1,
  playing: true,
  loopMode: "loop",
  inPoint: null,
  outPoint: null,
  onionSkin: false,
  zoom: "fit",
  setPlaying: (playing) => set({ playing }),
  togglePlaying: (count) =>
    set((state) => {
      const range = playRange(state, count);
      const anew = !state.playing && nextPosition(state, range, state.loopMode) === null;
      return { playing: !state.playing, frame: anew ? range.first : state.frame };
    }),
  setLoopMode: (loopMode) => set({ loopMode, direction: 1 }),
  seek: (frame, count) => set({ frame: Math.max(0, Math.min(count - 1, frame)), direction: 1, playing: false }),
  stepFrame: (by, count) =>
    set(({ frame }) => ({ frame: count > 0 ? (frame + by + count) % count : 0, direction: 1, playing: false })),
  tick: (ticks, count) =>
    set((state) => {
      const range = playRange(state, count);
      let position: Position = state;
      for (let i = 0; i < ticks; i++) {
        const next = nextPosition(position, range, state.loopMode);
        if (next === null) return { frame: position.frame, playing: false };
        position = next;
      }
      return { frame: position.frame, direction: position.direction };
    }),
  rewind: () => set(({ inPoint }) => ({ frame: inPoint ?? 0, direction: 1 })),
  setInPoint: (inPoint) =>
    set(({ outPoint }) => ({
      inPoint,
      outPoint: inPoint !== null && outPoint !== null && outPoint < inPoint ? null : outPoint,
    })),
  setOutPoint: (outPoint) =>
    set(({ inPoint }) => ({
      outPoint,
      inPoint: outPoint !== null && inPoint !== null && inPoint > outPoint ? null : inPoint,
    })),
  setOnionSkin: (onionSkin) => set({ onionSkin }),
  setZoom: (zoom) => set({ zoom }),
});

/** The range that plays of a clip of `count` frames; points outside the clip are ignored. */
export function playRange({ inPoint, outPoint }: Pick<PlayerSlice, "inPoint" | "outPoint">, count: number): FrameRange {
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
