/** Which sessions stay open, and when: the engine on a backend that opens nothing. */

import { expect, it } from "vitest";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { kitModels } from "../testing/kit-models.ts";
import type { Backend } from "./backend.ts";
import { Engine } from "./engine.ts";
import { canonicalParts } from "./packed-parts.ts";

const models = await kitModels();

/** Parts of the sessions, by their keys: opened since the list was emptied, and open now. */
function recording() {
  const opened: string[] = [];
  const open = new Set<string>();
  const backend = {
    kind: "cpu",
    attention: "fused",
    fp16: false,
    createSession: async (_model, shards) => {
      const name = shards[0]!.replace(/-q8-.*/, "");
      opened.push(name);
      open.add(name);
      return { run: async () => ({}), release: async () => void open.delete(name) };
    },
  } as Partial<Backend> as Backend;
  return { backend, opened, open };
}

/** The sessions of one animation, as the pipeline asks for them; what is open when the UNet runs and when frames are decoded. */
async function clip(engine: Engine, open: ReadonlySet<string>) {
  engine.beginPhase();
  await engine.textEncoder(models, "q8", 1);
  await engine.textKv(models, "q8", 1, 77);
  engine.beginPhase();
  await engine.unet(models, "q8", "original", { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77 }, null);
  const denoising = [...open].sort();
  engine.beginPhase();
  await engine.vaeDecoder(models, "q8", 8, 8);
  return { denoising, decoding: [...open].sort() };
}

/** Bytes of each session's shards. */
const bytes = Object.fromEntries(
  canonicalParts({ ...models, motion: null }, { precision: "q8", attention: "fused", longBlocks: true }).map(({ name, uses }) => [
    name.replace("-q8", ""),
    new ShardLayout({ [name]: uses }).bytes,
  ]),
) as Record<"text" | "unet" | "unet-kv" | "vae", number>;
const total = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + bytes[name as keyof typeof bytes], 0);

it("within the budget everything stays, and another animation opens nothing", async () => {
  const { backend, opened, open } = recording();
  const engine = new Engine(backend, 2 ** 40);
  await clip(engine, open);
  expect(opened).toEqual(["text", "unet-kv", "unet", "vae"]);
  opened.length = 0;
  await clip(engine, open);
  expect(opened).toEqual([]);
});

it("the text encoder of the next animation does not drive out a warm UNet, and has gone when that needs the room", async () => {
  const { backend, opened, open } = recording();
  const budget = total(["unet", "unet-kv", "vae"]);
  const engine = new Engine(backend, budget);
  await clip(engine, open);
  for (let again = 0; again < 2; again++) {
    opened.length = 0;
    const { denoising } = await clip(engine, open);
    expect(opened).toContain("text");
    expect(opened).not.toContain("unet");
    expect(total(denoising)).toBeLessThanOrEqual(budget);
  }
});

it("without a budget each phase has its own sessions and no others", async () => {
  const { backend, open } = recording();
  const engine = new Engine(backend, 0);
  for (let again = 0; again < 2; again++) expect(await clip(engine, open)).toEqual({ denoising: ["unet"], decoding: ["vae"] });
});
