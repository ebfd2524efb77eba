/** How fast the clip on the stage plays. */
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import type { StudioState } from "../store/studio-store.ts";

/** The frame rate in the field, or the clip's own while the field is invalid. */
export function playbackFps({ numbers, clip }: Pick<StudioState, "numbers" | "clip">): number {
  const parsed = parseNumber(numbers.fps, numberFields.fps);
  return parsed.ok ? parsed.value : (clip?.request.settings.fps ?? 8);
}
