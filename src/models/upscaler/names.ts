/**
 * Names of super-resolution networks' tensors, as BasicSR has them (`basicsr/archs/rrdbnet_arch.py`, `srvgg_arch.py`). The same RRDB
 * network also comes under the names of ESRGAN's first code (`model.1.sub.0.RDB1.conv1.0.weight`) and of BSRGAN's
 * (`RRDB_trunk.0.RDB1.conv1.weight`).
 */

import { below, prefixesOf, type TensorRef, type TensorTable } from "../tensors.ts";

export type UpscalerKind = "rrdb" | "compact";

export interface NamedUpscaler {
  readonly kind: UpscalerKind;
  readonly tensors: ReadonlyMap<string, TensorRef>;
}

/** A tensor that each naming of each kind has. */
const ANCHORS: readonly (readonly [anchor: string, kind: UpscalerKind, rename: (key: string, last: number) => string])[] = [
  ["body.0.rdb1.conv1.weight", "rrdb", (key) => key],
  ["model.1.sub.0.RDB1.conv1.0.weight", "rrdb", esrganName],
  ["RRDB_trunk.0.RDB1.conv1.weight", "rrdb", bsrganName],
  ["body.0.weight", "compact", (key) => key],
];

/** The network under BasicSR's names, the averaged weights where a file has two; null if the table holds none. */
export function namedUpscaler(table: TensorTable): NamedUpscaler | null {
  for (const [anchor, kind, rename] of ANCHORS) {
    const prefixes = prefixesOf(table, anchor);
    const prefix = prefixes.find((each) => each.endsWith("params_ema.")) ?? prefixes[0];
    if (prefix === undefined) continue;
    const own = below(table, prefix);
    if (kind === "compact" && !isCompact(own)) continue;
    const last = Math.max(...[...own.keys()].map((key) => Number(/^model\.(\d+)\.weight$/.exec(key)?.[1] ?? 0)));
    return { kind, tensors: new Map([...own].map(([key, ref]) => [rename(key, last), ref])) };
  }
  return null;
}

/** Convolutions and, between them, slopes of PReLU. */
function isCompact(tensors: TensorTable): boolean {
  return tensors.get("body.0.weight")?.info.shape[1] === 3 && tensors.get("body.1.weight")?.info.shape.length === 1;
}

/**
 * `model.N` are the layers of a sequence: 0 the first convolution, 1 the blocks and the convolution behind them, then every third one
 * enlarges, and the last two (two numbers apart) make the picture.
 */
function esrganName(key: string, last: number): string {
  const block = /^model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(.+)$/.exec(key);
  if (block !== null) return `body.${block[1]}.rdb${block[2]}.conv${block[3]}.${block[4]}`;
  const behind = /^model\.1\.sub\.\d+\.(weight|bias)$/.exec(key);
  if (behind !== null) return `conv_body.${behind[1]}`;
  const [, layer, rest] = /^model\.(\d+)\.(weight|bias)$/.exec(key) ?? [];
  if (layer === undefined) return key;
  const n = Number(layer);
  if (n === 0) return `conv_first.${rest}`;
  if (n === last) return `conv_last.${rest}`;
  return n === last - 2 ? `conv_hr.${rest}` : `conv_up${n / 3}.${rest}`;
}

function bsrganName(key: string): string {
  return key
    .replace(/^RRDB_trunk\.(\d+)\.RDB(\d)\./, "body.$1.rdb$2.")
    .replace(/^trunk_conv\./, "conv_body.")
    .replace(/^upconv(\d)\./, "conv_up$1.")
    .replace(/^HRconv\./, "conv_hr.");
}
