/** Lists names in a sentence, at most this many when more follow. */
const mostNamed = 3;

/** "a, b, c", "a, b, c and 5 more"; never "and 1 more", which is no shorter than the name. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more <= 1 ? names.join(", ") : `${names.slice(0, mostNamed).join(", ")} and ${more} more`;
}
