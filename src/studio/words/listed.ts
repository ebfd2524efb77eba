/** Names in a sentence: as many as it bears. */
const mostNamed = 3;

/** "a, b, c", "a, b, c and 5 more"; never one more, which would take the place of its name. */
export function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more <= 1 ? names.join(", ") : `${names.slice(0, mostNamed).join(", ")} and ${more} more`;
}
