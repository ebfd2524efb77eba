/** The first and the last frame, where they are given as pictures. */
import type { StateCreator } from "zustand/vanilla";
import type { HeldPicture, HeldPlace } from "../../protocol/engine.ts";

export interface GivenPicture {
  readonly name: string;
  readonly picture: Blob;
}

export interface HeldFramesSlice {
  readonly heldFrames: Readonly<Record<HeldPlace, GivenPicture | null>>;
  holdFrame(place: HeldPlace, picture: GivenPicture | null): void;
  /** Restores the given frames of an earlier animation. */
  restoreHeldFrames(held: readonly HeldPicture[]): void;
}

export const noHeldFrames: HeldFramesSlice["heldFrames"] = { first: null, last: null };

export const createHeldFramesSlice: StateCreator<HeldFramesSlice> = (set) => ({
  heldFrames: noHeldFrames,
  holdFrame: (place, picture) => set(({ heldFrames }) => ({ heldFrames: { ...heldFrames, [place]: picture } })),
  restoreHeldFrames: (held) =>
    set({ heldFrames: { ...noHeldFrames, ...Object.fromEntries(held.map(({ place, ...given }) => [place, given])) } }),
});

/** As the request has them. */
export function heldPictures({ heldFrames }: Pick<HeldFramesSlice, "heldFrames">): readonly HeldPicture[] {
  return (["first", "last"] as const).flatMap((place) => {
    const given = heldFrames[place];
    return given === null ? [] : [{ place, ...given }];
  });
}
