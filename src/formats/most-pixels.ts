/** More pixels than any clip can have; decoding a picture of more would fill the memory. */
export const MOST_PIXELS = 1e8;
