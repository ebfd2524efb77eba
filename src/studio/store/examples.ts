/** The examples on the wall, and how the clip on the stage came there. */
import type { StateCreator } from "zustand/vanilla";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelSelection } from "../../protocol/engine.ts";

export interface Example {
  readonly title: string;
  /** Address of a picture of all frames, from top to bottom. */
  readonly strip: string;
  /** What it says; everything else is as on a first visit. */
  readonly settings: Partial<RenderSettings> & Pick<RenderSettings, "prompt" | "seed" | "width" | "height" | "frames" | "fps">;
  readonly models: ModelSelection;
}

export interface Examples {
  readonly checkpoint: string;
  /** The seed of a newcomer's first animation. */
  readonly firstSeed: number;
  readonly list: readonly Example[];
}

/** A clip that the person did not just make: an example with its settings in the fields, or an earlier one without. */
export interface ShownAs {
  readonly clip: string;
  readonly as: "example" | "earlier";
}

export interface ExamplesSlice {
  readonly examples: Examples | null;
  /** The list could not be fetched, as without a network. */
  readonly examplesAway: boolean;
  /** Counts only while this clip is on the stage. */
  readonly shownAs: ShownAs | null;
  setExamples(examples: Examples): void;
  setExamplesAway(): void;
  setShownAs(shownAs: ShownAs | null): void;
}

export const createExamplesSlice: StateCreator<ExamplesSlice> = (set) => ({
  examples: null,
  examplesAway: false,
  shownAs: null,
  setExamples: (examples) => set({ examples, examplesAway: false }),
  setExamplesAway: () => set({ examplesAway: true }),
  setShownAs: (shownAs) => set({ shownAs }),
});
