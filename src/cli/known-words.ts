/** Names the words of a clip's prompts that its checkpoint does not know, where the checkpoint's folder has a list of what it knows. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasGuidance } from "../core/animation/clip-lanes.ts";
import { ZoetropeError } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import { createLexicon } from "../core/vocabulary/lexicon.ts";
import { unknownNegativeNotices, unknownNotices, unknownWords } from "../core/vocabulary/unknown-words.ts";
import { parseWordList, WORD_LIST_FILE } from "../core/vocabulary/word-list.ts";

export interface WordsOfCheckpoint {
  /** A folder, or a file, which brings no list. */
  readonly path: string;
  /** What the notices call it. */
  readonly name: string;
  /** Phrases that the chosen LoRAs and embeddings add to what it knows. */
  readonly added: readonly string[];
}

/** A list that cannot be read is a notice, too, because the clip does not need it. A negative prompt that nothing reads is passed over. */
export async function unknownWordNotices(settings: RenderSettings, { path, name, added }: WordsOfCheckpoint): Promise<string[]> {
  const text = await readFile(join(path, WORD_LIST_FILE), "utf8").catch(() => null);
  if (text === null) return [];
  try {
    const lexicon = createLexicon(parseWordList(parseJson(text)), added);
    const unwanted = hasGuidance(settings) ? unknownWords({ ...settings, prompt: settings.negative, promptAt: [] }, lexicon) : [];
    return [...unknownNotices(unknownWords(settings, lexicon), name), ...unknownNegativeNotices(unwanted, name)];
  } catch (thrown) {
    const { message, hint } = ZoetropeError.from(thrown);
    return [`${message} ${hint}`];
  }
}

/** undefined where it is none, which no list is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
