/** Cuts a text, freed from prompt syntax, into words and runs of words that belong together. */

export interface Word {
  /** As written. */
  readonly text: string;
  /** Lower case, without a genitive's ending. */
  readonly plain: string;
  /** Whether it begins a phrase: punctuation stands before it, or it is a pictograph. */
  readonly begins: boolean;
  readonly start: number;
  readonly end: number;
}

/** Letters and digits, also with an apostrophe inside; or a run of pictographs. */
const WORD =
  /[\p{L}\p{M}\p{N}]+(?:['’]\p{L}+)*|(?:\p{Extended_Pictographic}|\p{Regional_Indicator})(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\u200d\ufe0f])*/gu;
const PICTOGRAPH = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})/u;
/** What may stand between the words of one phrase; a dash between blanks parts them. */
const WITHIN = /^(?!\s+[-–—]+\s)[\s_"'’“”()[\]{}-]*$/u;

export function wordsOf(text: string): Word[] {
  let before = 0;
  return Array.from(text.matchAll(WORD), ({ 0: word, index }, place) => {
    const begins = place === 0 || PICTOGRAPH.test(word) || !WITHIN.test(text.slice(before, index));
    before = index + word.length;
    return { text: word, plain: plainWord(word), begins, start: index, end: before };
  });
}

/** A phrase as it is looked up: its plain words, one blank between. */
export function plainPhrase(phrase: string): string {
  // Thousands of phrases of a list are plain already.
  if (/^[a-z\d]+(?: [a-z\d]+)*$/.test(phrase)) return phrase;
  return wordsOf(phrase)
    .map(({ plain }) => plain)
    .join(" ");
}

function plainWord(word: string): string {
  return word
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/(?<=..)'s$/, "");
}
