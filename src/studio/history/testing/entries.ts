/** Entries of a history for tests. */
import { defaultSettings, type RenderSettings } from "../../../core/settings/render-settings.ts";
import type { HistoryEntry } from "../../store/history.ts";

export const testSettings: RenderSettings = {
  ...defaultSettings(),
  prompt: "a red ball",
  negative: "",
  promptAt: [],
  seed: 1,
  steps: 20,
  cfgScale: 4,
  sampler: "ddim",
  schedule: null,
  frames: 16,
  width: 128,
  height: 128,
  clipSkip: 1,
  norm: "original",
  precision: "fp32",
  contextLength: 16,
  contextOverlap: 4,
  contextMode: "window",
  longPrompts: "truncate",
  promptSyntax: "a1111",
  fps: 8,
};

export function testEntry(id: string, settings: Partial<RenderSettings> = {}, others: Partial<HistoryEntry> = {}): HistoryEntry {
  const models = { checkpoint: "mini", motion: "mini-motion", vae: null, loras: [], motionLoras: [] };
  return {
    id,
    createdAt: 0,
    favourite: false,
    batch: null,
    request: { settings: { ...testSettings, ...settings }, models },
    names: { checkpoint: "Mini", motion: "Mini motion", loras: [] },
    durationMs: 1000,
    bytes: 0,
    thumbnail: null,
    ...others,
  };
}
