/** A quantised convolution that we rejected; only the benchmark that measures it uses it (docs/decisions.md). */

import type { Encoding } from "../src/graph/encodings.ts";

/** A convolution kernel [O, ...] as int8 with one scale per output channel, for DequantizeLinear. */
export const channelQ8: Encoding = {
  id: "i8c",
  byRows: true,
  tensors: (shape) => [
    { suffix: "i8c", type: "int8", shape },
    { suffix: "i8c.scale", type: "float32", shape: [shape[0]!] },
  ],
  encode: (data, shape) => {
    const rows = shape[0]!;
    const per = data.length / rows;
    const quantised = new Int8Array(data.length);
    const scales = new Float32Array(rows);
    for (let r = 0; r < rows; r++) {
      let peak = 0;
      for (let j = r * per; j < (r + 1) * per; j++) peak = Math.max(peak, Math.abs(data[j]!));
      const scale = peak / 127 || 1;
      scales[r] = scale;
      for (let j = r * per; j < (r + 1) * per; j++) quantised[j] = Math.round(data[j]! / scale);
    }
    return [new Uint8Array(quantised.buffer), new Uint8Array(scales.buffer)];
  },
};
