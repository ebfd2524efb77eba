/** The IP-Adapter, its image encoder, the pictures that the clip looks like, and their weight. */
import type { StateCreator } from "zustand/vanilla";
import type { LikenessPictures } from "../../protocol/engine.ts";

export interface LikenessSlice {
  /** Id of an IP-Adapter on the shelf; null: none. */
  readonly ipAdapter: string | null;
  /** Id of an image encoder on the shelf; null: the only one, or none. */
  readonly imageEncoder: string | null;
  readonly likeness: Pick<LikenessPictures, "name" | "pictures"> | null;
  /** As typed; 0 to 2. */
  readonly likenessWeight: string;
  /** In the last frame; empty: the same. */
  readonly likenessEndWeight: string;
  chooseIpAdapter(id: string | null): void;
  chooseImageEncoder(id: string | null): void;
  setLikeness(likeness: LikenessSlice["likeness"]): void;
  setLikenessWeight(weight: string): void;
  setLikenessEndWeight(weight: string): void;
  /** Restores the likeness of an earlier animation. */
  restoreLikeness(likeness: LikenessPictures | null): void;
}

export const createLikenessSlice: StateCreator<LikenessSlice> = (set) => ({
  ipAdapter: null,
  imageEncoder: null,
  likeness: null,
  likenessWeight: "1",
  likenessEndWeight: "",
  chooseIpAdapter: (ipAdapter) => set({ ipAdapter }),
  chooseImageEncoder: (imageEncoder) => set({ imageEncoder }),
  setLikeness: (likeness) => set({ likeness }),
  setLikenessWeight: (likenessWeight) => set({ likenessWeight }),
  setLikenessEndWeight: (likenessEndWeight) => set({ likenessEndWeight }),
  restoreLikeness: (likeness) =>
    set(
      likeness === null
        ? { likeness, ipAdapter: null }
        : {
            likeness,
            ipAdapter: likeness.model,
            imageEncoder: likeness.encoder,
            likenessWeight: String(likeness.weight),
            likenessEndWeight: String(likeness.endWeight ?? ""),
          },
    ),
});
