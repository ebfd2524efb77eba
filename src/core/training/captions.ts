/** Captions of training pictures, and the word that will call what is learned. */

/** "red_fox-03.png" -> "red fox": a file's name without its ending, separators and a trailing number. */
export function captionOfName(fileName: string): string {
  return fileName
    .replace(/\.[^.]*$/, "")
    .replaceAll(/[_\-\s]+/g, " ")
    .replace(/(^|\s)\(?\d+\)?$/, "")
    .trim();
}

/** The caption with the trigger word before it, unless the caption holds the word. */
export function withTrigger(caption: string, trigger: string | null): string {
  if (trigger === null) return caption;
  if (caption.split(/[\s,]+/).includes(trigger)) return caption;
  return caption === "" ? trigger : `${trigger}, ${caption}`;
}
