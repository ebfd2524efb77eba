/** Tells at once whether a text may hold settings, so that a page reads only such texts. */

/** Keys of "parameters" text with values that only settings have. */
export const TELLING_KEYS: Readonly<Record<string, RegExp>> = {
  Steps: /^\d+$/,
  Sampler: /./,
  "CFG scale": /^\d+(\.\d+)?$/,
  Seed: /^-?\d+$/,
  Size: /^\d+x\d+$/,
  Version: /./,
};
/** A text with fewer of them is words. A prompt may well consist of "Subject: …, Style: …" or name one of these keys. */
export const FEWEST_TELLING = 2;

/** False: it holds none. True: `parseSettingsText` may find some. */
export function maySaySettings(text: string): boolean {
  if (text.trimStart().startsWith("{")) return true; // the JSON of other tools
  return Object.keys(TELLING_KEYS).filter((key) => text.includes(key)).length >= FEWEST_TELLING;
}
