/** Plain double-precision versions of the operations that the self-test checks. They are slow and obvious on purpose. */

/** softmax(q kᵀ / sqrt(d)) v with heads side by side. q [B, S, C], k and v [B, T, C] -> [B, S, C] */
export function attention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  shape: { batch: number; queries: number; keys: number; heads: number; headSize: number },
): Float32Array {
  const { batch, queries, keys, heads, headSize } = shape;
  const width = heads * headSize;
  const out = new Float32Array(batch * queries * width);
  const weights = new Float64Array(keys);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      const column = head * headSize;
      for (let s = 0; s < queries; s++) {
        const query = (b * queries + s) * width + column;
        let total = 0;
        for (let t = 0; t < keys; t++) {
          const key = (b * keys + t) * width + column;
          let dot = 0;
          for (let i = 0; i < headSize; i++) dot += q[query + i]! * k[key + i]!;
          weights[t] = Math.exp(dot / Math.sqrt(headSize));
          total += weights[t]!;
        }
        for (let t = 0; t < keys; t++) {
          const value = (b * keys + t) * width + column;
          for (let i = 0; i < headSize; i++) out[query + i]! += (weights[t]! / total) * v[value + i]!;
        }
      }
    }
  }
  return out;
}

/** x · sigmoid(alpha · x) */
export function quickGelu(x: Float32Array, alpha: number): Float32Array {
  return x.map((a) => a / (1 + Math.exp(-alpha * a)));
}

/** x · Φ(x) */
export function gelu(x: Float32Array): Float32Array {
  return x.map((a) => 0.5 * a * (1 + erf(a / Math.SQRT2)));
}

/** Each run of `length` numbers to mean 0 and variance 1. */
export function normalise(x: Float32Array, length: number, eps: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += length) {
    const row = x.subarray(start, start + length);
    const mean = row.reduce((a, b) => a + b, 0) / length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / length;
    for (let i = 0; i < length; i++) out[start + i] = (row[i]! - mean) / Math.sqrt(variance + eps);
  }
  return out;
}

/** x [M, K] times w [N, K] transposed -> [M, N] */
export function linear(x: Float32Array, w: Float32Array, m: number, n: number, k: number): Float32Array {
  return Float32Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let dot = 0;
    for (let i = 0; i < k; i++) dot += x[row * k + i]! * w[column * k + i]!;
    return dot;
  });
}

/** [rows, columns] -> [columns, rows] */
export function transpose(x: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: x.length }, (_, at) => x[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** 3×3, stride 1, one zero on each side. x [F, C, H, W], w [O, C, 3, 3] -> [F, O, H, W] */
export function convolution3x3(
  x: Float32Array,
  w: Float32Array,
  shape: { frames: number; channels: number; height: number; width: number; out: number },
): Float32Array {
  const { frames, channels, height, width, out } = shape;
  const y = new Float32Array(frames * out * height * width);
  let at = 0;
  for (let f = 0; f < frames; f++) {
    for (let o = 0; o < out; o++) {
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          let sum = 0;
          for (let tap = 0; tap < 9; tap++) {
            const [i, j] = [row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
            if (i < 0 || i >= height || j < 0 || j >= width) continue;
            for (let c = 0; c < channels; c++) {
              sum += x[((f * channels + c) * height + i) * width + j]! * w[(o * channels + c) * 9 + tap]!;
            }
          }
          y[at++] = sum;
        }
      }
    }
  }
  return y;
}

/** Abramowitz & Stegun 7.1.26: within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}
