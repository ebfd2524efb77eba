/** The player: which frame is shown and how it goes on from there. */
import type { StateCreator } from "zustand/vanilla";

export type LoopMode = "loop" | "ping-pong" | "once";

export interface Position {
  readonly frame: number;
  readonly direction: 1 | -1;
}

export interface PlayerSlice extends Position {
  readonly playing: boolean;
  readonly loopMode: LoopMode;
  setPlaying(playing: boolean): void;
  setLoopMode(mode: LoopMode): void;
  /** Shows `frame`, clamped to the clip, and pauses there. */
  seek(frame: number, count: number): void;
  /** One frame forward or back, round the ends, and pauses there. */
  stepFrame(by: 1 | -1, count: number): void;
  /** `ticks` frame durations have passed. */
  tick(ticks: number, count: number): void;
  rewind(): void;
}

export const createPlayerSlice: StateCreator<PlayerSlice> = (set) => ({
  frame: 0,
  direction: 1,
  playing: true,
  loopMode: "loop",
  setPlaying: (playing) => set({ playing }),
  setLoopMode: (loopMode) => set({ loopMode, direction: 1 }),
  seek: (frame, count) => set({ frame: Math.max(0, Math.min(count - 1, frame)), direction: 1, playing: false }),
  stepFrame: (by, count) =>
    set(({ frame }) => ({ frame: count > 0 ? (frame + by + count) % count : 0, direction: 1, playing: false })),
  tick: (ticks, count) =>
    set((state) => {
      let position: Position = state;
      for (let i = 0; i < ticks; i++) {
        const next = nextPosition(position, count, state.loopMode);
        if (next === null) return { frame: position.frame, playing: false };
        position = next;
      }
      return { frame: position.frame, direction: position.direction };
    }),
  rewind: () => set({ frame: 0, direction: 1 }),
});

/** Where the player goes from `position`; null: a clip played once is at its end. */
export function nextPosition({ frame, direction }: Position, count: number, mode: LoopMode): Position | null {
  if (count <= 1) return { frame: 0, direction: 1 };
  switch (mode) {
    case "loop":
      return { frame: (frame + 1) % count, direction: 1 };
    case "once":
      return frame >= count - 1 ? null : { frame: frame + 1, direction: 1 };
    case "ping-pong": {
      const turn = frame + direction < 0 || frame + direction >= count;
      const onward = turn ? (direction === 1 ? -1 : 1) : direction;
      return { frame: frame + onward, direction: onward };
    }
  }
}

/** The frames of one round in the order they are shown: a ping-pong of 4 is 0 1 2 3 2 1. */
export function playOrder(count: number, mode: LoopMode): number[] {
  const forth = Array.from({ length: count }, (_, frame) => frame);
  return mode === "ping-pong" ? [...forth, ...forth.slice(1, -1).reverse()] : forth;
}
