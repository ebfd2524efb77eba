/** Numbers within bounds, and the words that say which ones those are. */

export interface Range {
  readonly min: number;
  readonly max: number;
  /** Allowed values are whole multiples of this; below 1, any number is allowed. */
  readonly multipleOf: number;
}

export function isWithin(value: number, { min, max, multipleOf }: Range): boolean {
  return value >= min && value <= max && isMultiple(value, multipleOf);
}

export function isMultiple(value: number, multipleOf: number): boolean {
  return multipleOf < 1 || Number.isInteger(value / multipleOf);
}

/** "a whole number from 1 to 128" */
export function rangeWords({ min, max, multipleOf }: Range): string {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  if (multipleOf < 1) return `a number ${range}`;
  return multipleOf === 1 ? `a whole number ${range}` : `a multiple of ${multipleOf} ${range}`;
}
