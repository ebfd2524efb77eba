/** Durations in words. */

/** "about 12 s left", "about 3 min left"; empty: unknown. */
export function timeLeftWords(timeLeftMs: number | null): string {
  if (timeLeftMs === null) return "";
  const seconds = Math.ceil(timeLeftMs / 1000);
  if (seconds < 1) return "";
  if (seconds < 90) return `about ${seconds} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

/** "3 to 18 s", "40 s to 4 min": a rough range, in steps that promise no more than it knows. */
export function roughWords(fromMs: number, toMs: number): string {
  const [from, to] = [rounded(fromMs), rounded(toMs)];
  if (from.unit === to.unit)
    return from.count === to.count ? `${to.count} ${to.unit}` : `${from.count} to ${to.count} ${to.unit}`;
  return `${from.count} ${from.unit} to ${to.count} ${to.unit}`;
}

function rounded(ms: number): { readonly count: number; readonly unit: string } {
  const seconds = ms / 1000;
  if (seconds < 10) return { count: Math.max(1, Math.round(seconds)), unit: "s" };
  if (seconds < 57.5) return { count: Math.round(seconds / 5) * 5, unit: "s" };
  if (seconds < 3570) return { count: Math.max(1, Math.round(seconds / 60)), unit: "min" };
  return { count: Math.round(seconds / 3600), unit: "h" };
}

/** "0.4 s", "12 s", "3 min 20 s", "1 h 5 min". */
export function durationWords(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
