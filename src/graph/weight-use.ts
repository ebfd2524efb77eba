/** One tensor of a model as a graph wants it stored. */

import type { WeightSource } from "../models/types.ts";
import type { Encoding, StoredTensor } from "./encodings.ts";

export interface WeightUse {
  readonly source: WeightSource;
  readonly key: string;
  readonly shape: readonly number[];
  readonly encoding: Encoding;
}

/** The tensors that a use is encoded as, under the names that graphs and shards give them. */
export function storedTensors({
  key,
  shape,
  encoding,
}: Omit<WeightUse, "source">): readonly (StoredTensor & { readonly name: string })[] {
  return encoding.tensors(shape).map((tensor) => ({ ...tensor, name: `${key}|${tensor.suffix}` }));
}
