/** Names saved files by the prompt's words and the seed, safe on every file system. */

const longestSlug = 60;

/** "A yellow fish, swimming!", 7 and ".gif" -> "a-yellow-fish-swimming-7.gif"; the ending may say more, as "-4x4.png" does. */
export function fileName(prompt: string, seed: number, ending: string): string {
  const slug = promptSlug(prompt);
  return `${slug === "" ? "zoetrope" : slug}-${seed}${ending}`;
}

/** The prompt's first words, such as "a-yellow-fish"; empty where it has none. */
export function promptSlug(prompt: string): string {
  const words = prompt
    .replace(/<[^>]*>/g, " ") // <lora:…> is a setting, not a word
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "") // accents of Latin letters; other scripts keep their marks
    .normalize("NFC")
    .toLowerCase()
    .match(/[\p{Letter}\p{Number}]+/gu);
  let slug = "";
  for (const word of words ?? []) {
    if (slug.length + word.length + 1 > longestSlug) break;
    slug = slug === "" ? word : `${slug}-${word}`;
  }
  return slug;
}
