/** Arithmetic on shapes. */

export function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The shape of an elementwise operation on both, as numpy broadcasts. Throws RangeError where they do not fit. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw new RangeError(`cannot broadcast ${a.join("×")} with ${b.join("×")}`);
    return Math.max(p, q);
  });
}
