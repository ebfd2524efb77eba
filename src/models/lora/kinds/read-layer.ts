/** The list of adapter kinds: to add one, read it here and name its tensors in parse.ts. */

import type { AdapterLayer, WeightChange } from "../layer.ts";
import { withMagnitude } from "./dora.ts";
import { readFull } from "./full.ts";
import { readGlora } from "./glora.ts";
import { readIa3 } from "./ia3.ts";
import { readLoha } from "./loha.ts";
import { readLokr } from "./lokr.ts";
import { readLowRank } from "./low-rank.ts";
import { readOrthogonal } from "./orthogonal.ts";

/** Everything that the file changes in one layer; nothing where the layer holds an alpha alone. Throws `lora/incomplete` and `lora/bad-rank`. */
export async function readLayer(layer: AdapterLayer, fileName: string): Promise<WeightChange[]> {
  const main =
    readLowRank(layer, fileName) ??
    readLoha(layer, fileName) ??
    readLokr(layer, fileName) ??
    readOrthogonal(layer) ??
    readGlora(layer, fileName) ??
    (await readIa3(layer, fileName));
  return [...(main === null ? [] : [withMagnitude(main, layer)]), ...readFull(layer)];
}
