/** Names of shards and keys of parts, written and read back. Names that people have on disk are written out here: they must not change. */

import { expect, it } from "vitest";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadLora } from "../../models/lora/load.ts";
import { composeModels } from "../compose/compose.ts";
import { kitModel } from "../testing/parity-kit.ts";
import { packedParts } from "./plans/model-parts.ts";
import {
  formatPartKey,
  formatShardName,
  isTemporary,
  isTransient,
  modelOf,
  modelPartKey,
  type PartKey,
  parsePartKey,
  parseShardName,
  type ShardName,
  temporaryKey,
} from "./shard-names.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const lora = await loadLora(kitModel("lora-kohya.safetensors"));
/** As long as the page's ids and digests. */
const id = "0123456789abcdef0123456789abcdef";

const keys: [string, PartKey][] = [
  ["unet", { base: "unet", loras: null, temporary: false }],
  [`${id}-motion`, { base: `${id}-motion`, loras: null, temporary: false }],
  [`mini-89abcdef-text+${id}`, { base: "mini-89abcdef-text", loras: id, temporary: false }],
  [`${id}-vae+full`, { base: `${id}-vae`, loras: null, temporary: true }],
  [`${id}-unet+${id}+full`, { base: `${id}-unet`, loras: id, temporary: true }],
];

it.each(keys)("the key %s is read as it is written", (text, key) => {
  expect(parsePartKey(text)).toEqual(key);
  expect(formatPartKey(key)).toBe(text);
  expect(isTemporary(text)).toBe(key.temporary);
  expect(isTransient(text)).toBe(key.temporary || key.loras !== null);
  expect(parsePartKey(temporaryKey(text))).toEqual({ ...key, temporary: true });
});

const names: [string, ShardName][] = [
  ["unet-q8-01234567-0.bin", { partKey: "unet", section: null, precision: "q8", layout: "01234567", index: 0 }],
  [
    `${id}-unet-kv-fp16-89abcdef-12.bin`,
    { partKey: `${id}-unet`, section: "kv", precision: "fp16", layout: "89abcdef", index: 12 },
  ],
  [
    "vae+full-encoder-fp32-00000000-1.bin",
    { partKey: "vae+full", section: "encoder", precision: "fp32", layout: "00000000", index: 1 },
  ],
  [
    `${id}-text+${id}-q4-01234567-0.bin`,
    { partKey: `${id}-text+${id}`, section: null, precision: "q4", layout: "01234567", index: 0 },
  ],
];

it.each(names)("the shard %s is read as it is written", (text, name) => {
  expect(parseShardName(text)).toEqual(name);
  expect(formatShardName(name)).toBe(text);
});

it.each(["model-0.onnx", "unet-q8-0.bin", "unet-q8-01234567-0.bin.part", "unet+x+y-q8-01234567-0.bin"])(
  "%s is no shard",
  (name) => {
    expect(parseShardName(name)).toBeNull();
  },
);

it("a key of several suffixes in another order is none", () => {
  expect(() => parsePartKey(`unet+full+${id}`)).toThrow(RangeError);
});

it("a part's key tells its model, whatever was merged into it; the command line's keys name none", () => {
  for (const component of ["unet", "text", "vae", "motion", "control"] as const) {
    const base = modelPartKey(id, component);
    expect(modelOf(base)).toBe(id);
    expect(modelOf(formatPartKey({ base, loras: id, temporary: true }))).toBe(id);
  }
  expect(modelOf("unet")).toBeNull();
});

function merged(loras: readonly { id: string; weight: number }[]) {
  return composeModels({
    checkpoint,
    motion: null,
    vae: null,
    loras: loras.map((choice) => ({ ...choice, lora })),
    controls: [],
    preview: null,
    loraForm: "merged",
    keys: { unet: `${id}-unet`, text: `${id}-text`, vae: `${id}-vae`, motion: "motion" },
  }).models;
}

it("however many LoRAs are merged, the longest file name fits into 255 bytes", () => {
  const models = merged(Array.from({ length: 12 }, (_, i) => ({ id: `${i}${id}`, weight: 1 / 3 })));
  const parts = packedParts(models, { precision: "q8", attention: "fused" });
  // A shard that is still being written has a UUID in its name (opfs-shard-store.ts).
  for (const { name } of parts) expect(`${name}-01234567-99.bin.${crypto.randomUUID()}.part`.length, name).toBeLessThan(255);
});

it("other LoRAs, another weight or another order of them is another key; the same is the same", () => {
  const [a, b] = [
    { id: "a", weight: 0.5 },
    { id: "b", weight: 1 },
  ];
  const unetKeys = [[a], [b], [a, b], [b, a], [{ ...a, weight: 0.25 }], []].map((loras) => merged(loras).unet.key);
  expect(new Set(unetKeys).size).toBe(unetKeys.length);
  expect(merged([a, b]).unet.key).toBe(unetKeys[2]);
  expect(unetKeys.at(-1)).toBe(`${id}-unet`);
});

it("every shard that is packed for a part names the part's key", () => {
  const models = merged([{ id: "a", weight: 0.5 }]);
  const parts = packedParts({ ...models, encoder: models.vae }, { precision: "q8", attention: "fused" });
  const shards = parts.flatMap(({ name, uses }) => [...new ShardLayout({ [name]: uses }).shards.keys()]);
  expect(new Set(shards.map((name) => parseShardName(name)?.partKey))).toEqual(
    new Set([models.text.key, models.unet.key, models.vae.key]),
  );
});
