/** The keyframe whose editor is open, and the open panel. */
import type { StateCreator } from "zustand/vanilla";
import { withKeyframe } from "./keyframes.ts";
import type { SettingsSlice } from "./settings.ts";

export type PanelName = "keys" | "device" | "animations" | "presets";

export interface TimelineSlice {
  /** The frame of the keyframe whose editor is open. */
  readonly editedKeyframe: number | null;
  /** The key of a number's lane whose editor is open. */
  readonly editedLaneKey: { readonly target: string; readonly frame: number } | null;
  readonly openPanel: PanelName | null;
  editLaneKey(key: TimelineSlice["editedLaneKey"]): void;
  editKeyframe(frame: number | null): void;
  /** Opens the keyframe on `frame`; if there is none, creates one with the prompt that holds there. */
  addKeyframe(frame: number): void;
  setOpenPanel(panel: PanelName | null): void;
}

export const createTimelineSlice: StateCreator<TimelineSlice & SettingsSlice, [], [], TimelineSlice> = (set) => ({
  editedKeyframe: null,
  editedLaneKey: null,
  openPanel: null,
  editLaneKey: (editedLaneKey) => set({ editedLaneKey }),
  editKeyframe: (editedKeyframe) => set({ editedKeyframe }),
  addKeyframe: (frame) =>
    set(({ keyframes, prompt }) => {
      const at = Math.max(1, frame);
      if (keyframes.some((keyframe) => keyframe.frame === at)) return { editedKeyframe: at };
      const text = keyframes.findLast((keyframe) => keyframe.frame < at)?.text ?? prompt;
      return { editedKeyframe: at, keyframes: withKeyframe(keyframes, { frame: at, text }) };
    }),
  setOpenPanel: (openPanel) => set({ openPanel }),
});
