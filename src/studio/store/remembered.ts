/** Small texts that the browser remembers between visits. Private windows may refuse storage; what is set then lasts as long as the page. */

export type RememberedKey =
  | "zoetrope-theme"
  | "zoetrope-device"
  | "zoetrope-catalogue-hidden"
  | "zoetrope-catalogue-fetched"
  | "zoetrope-export"
  | "zoetrope-last-run"
  | "zoetrope-farm"
  | "zoetrope-folds"
  | "zoetrope-training-step-times";

export function remembered(key: RememberedKey): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param text null: forget it */
export function remember(key: RememberedKey, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // See above.
  }
}

/** The remembered value; null if there is none, or none that this version reads. */
export function rememberedJson<Value>(key: RememberedKey, isValue: (value: unknown) => value is Value): Value | null {
  try {
    const value: unknown = JSON.parse(remembered(key) ?? "null");
    return isValue(value) ? value : null;
  } catch {
    return null;
  }
}
