/** Remembers how long the last animation took, so that a new visit can tell how long the next one will take. */
import type { LastRun } from "../store/device.ts";
import { remember, rememberedJson } from "../store/remembered.ts";
import type { StudioStore } from "../store/studio-store.ts";

const key = "zoetrope-last-run";

export function rememberLastRun(store: StudioStore): void {
  const kept = rememberedJson(key, isRun);
  if (kept !== null) store.getState().setLastRun(kept);
  store.subscribe(({ lastRun }, before) => {
    if (lastRun === null || lastRun === before.lastRun) return;
    // Pictures cannot be written down, and the estimate does not need them.
    const { settings, models } = lastRun.request;
    remember(key, JSON.stringify({ ...lastRun, request: { settings, models } }));
  });
}

/** An estimate reads these; a run that another version stored without them tells nothing. */
function isRun(value: unknown): value is LastRun {
  const run = value as Partial<LastRun> | null;
  const settings = run?.request?.settings;
  return (
    typeof run?.timingsMs === "object" &&
    typeof run.request?.models?.checkpoint === "string" &&
    [settings?.frames, settings?.width, settings?.height, settings?.steps].every((each) => typeof each === "number")
  );
}
