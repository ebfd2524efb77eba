/** Resizes pictures of any number of planes, such as latents, bilinearly: torch's `interpolate(mode="bilinear")`, A1111's "Latent". */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @param data any number of planes [H, W], one after another */
export function resizePlanes(data: Float32Array, from: Size, to: Size): Float32Array<ArrayBuffer> {
  const count = data.length / (from.width * from.height);
  const out = new Float32Array(count * to.width * to.height);
  const columns = mixesOf(from.width, to.width);
  const rows = mixesOf(from.height, to.height);
  for (let plane = 0; plane < count; plane++) {
    const start = plane * from.width * from.height;
    let at = plane * to.width * to.height;
    for (const { low: top, high: bottom, share: down } of rows) {
      for (const { low, high, share } of columns) {
        const along = (row: number) => {
          const left = data[start + row * from.width + low]!;
          return left + share * (data[start + row * from.width + high]! - left);
        };
        const upper = along(top);
        out[at++] = upper + down * (along(bottom) - upper);
      }
    }
  }
  return out;
}

/** The two neighbours of each place and the second one's share; centres of pixels lie at halves. */
function mixesOf(from: number, to: number): { readonly low: number; readonly high: number; readonly share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(at));
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  });
}
