/** Keys of parts with LoRAs merged in, and the names of the shards that are packed for them. */

import { expect, it } from "vitest";
import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadLora } from "../../models/lora/load.ts";
import { composeModels } from "../compose/compose.ts";
import { kitModel } from "../testing/parity-kit.ts";
import { canonicalParts, partKeyOf } from "./packed-parts.ts";

const checkpoint = await loadCheckpoint(kitModel("tiny-sd15.safetensors"));
const lora = await loadLora(kitModel("lora-kohya.safetensors"));
/** As long as the page's. */
const id = "0123456789abcdef0123456789abcdef";

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
  const parts = canonicalParts(models, { precision: "q8", attention: "fused" });
  // What is not whole yet is called by a UUID besides (opfs-shard-store.ts).
  for (const { name } of parts) expect(`${name}-01234567-99.bin.${crypto.randomUUID()}.part`.length, name).toBeLessThan(255);
});

it("other LoRAs, another weight or another order of them is another key; the same is the same", () => {
  const [a, b] = [
    { id: "a", weight: 0.5 },
    { id: "b", weight: 1 },
  ];
  const keys = [[a], [b], [a, b], [b, a], [{ ...a, weight: 0.25 }], []].map((loras) => merged(loras).unet.key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(merged([a, b]).unet.key).toBe(keys[2]);
  expect(keys.at(-1)).toBe(`${id}-unet`);
});

it("everything that is packed for a part goes by the part's key", () => {
  const models = merged([{ id: "a", weight: 0.5 }]);
  const parts = canonicalParts({ ...models, encoder: models.vae }, { precision: "q8", attention: "fused" });
  const keys = new Set(parts.map(({ name }) => partKeyOf(`${name}-01234567-0.bin`)));
  expect(keys).toEqual(new Set([models.text.key, models.unet.key, models.vae.key]));
});
