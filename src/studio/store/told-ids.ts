let last = 0;

/** Ids of messages and removals, which the page tells side by side: a later one is higher. */
export function nextToldId(): number {
  last += 1;
  return last;
}
