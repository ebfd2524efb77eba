/** Temporary weights in a store that several tabs share. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";

// Must run before `use-locks.ts` reads navigator.locks.
await vi.hoisted(async () => {
  const { fakeLocks } = await import("../../storage/testing/fake-locks.ts");
  vi.stubGlobal("navigator", { locks: fakeLocks() });
});

import { use } from "../../storage/use-locks.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Backend } from "../engine/backend.ts";
import { Engine } from "../engine/engine.ts";
import { isTemporary, parseShardName } from "../engine/shard-names.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import { createNodeBackend } from "../node/backend.ts";
import { kitModels } from "../testing/kit-models.ts";
import { TemporaryWeights, temporaryModels } from "./temporary-weights.ts";

const { signal } = new AbortController();
const models = await kitModels();
let backend: Backend;
beforeEach(async () => {
  backend = await createNodeBackend({ threads: 1 });
});
afterEach(() => backend.dispose());

it("weights that another tab uses, too, stay until it discards them", async () => {
  const [mine, theirs] = [await packed(), await packed()];
  const shards = await fullShards();
  expect(shards.length).toBeGreaterThan(0);
  await mine.discard();
  expect(await fullShards()).toEqual(shards);
  await theirs.discard();
  expect(await fullShards()).toEqual([]);
});

it("weights that were converted to stay at full precision are neither used nor removed", async () => {
  await prepare(models);
  const before = await backend.store.names();
  await (await packed()).discard();
  expect(await backend.store.names()).toEqual(before);
});

it("text keys and values and the VAE's encoder, which are packed separately, are kept and removed with their parts", async () => {
  const full = temporaryModels(models);
  const weights = new TemporaryWeights(new Engine(backend, 0));
  await weights.keep({ unet: full.unet, encoder: full.vae }, signal);
  await prepare({ unet: full.unet, encoder: full.vae });
  await sweepShards(backend.store, isTemporary);
  const names = await fullShards();
  for (const part of ["unet+full-kv-fp32-", "vae+full-encoder-fp32-"])
    expect(
      names.some((name) => name.startsWith(part)),
      part,
    ).toBe(true);
  await weights.discard();
  expect(await fullShards()).toEqual([]);
});

it("the next engine that starts sweeps weights of a closed tab, but not those that a tab still uses", async () => {
  await prepare(temporaryModels(models));
  const others = await fullShards();
  const end = await use([temporaryModels(models).unet.key], signal);
  await sweepShards(backend.store, isTemporary);
  expect(await fullShards()).toEqual(others.filter((name) => name.startsWith("unet+full-")));
  await end();
  await sweepShards(backend.store, isTemporary);
  expect(await fullShards()).toEqual([]);
});

async function prepare(parts: Parameters<Engine["prepare"]>[0]): Promise<void> {
  for await (const _ of new Engine(backend, 0).prepare(parts, "fp32"));
}

/** Packs the text encoder temporarily, as a render in one of the tabs does. */
async function packed(): Promise<TemporaryWeights> {
  const { text } = temporaryModels(models) satisfies ModelSet;
  const weights = new TemporaryWeights(new Engine(backend, 0));
  await weights.keep({ text }, signal);
  await prepare({ text });
  return weights;
}

async function fullShards(): Promise<string[]> {
  return (await backend.store.names()).filter((name) => isTemporary(parseShardName(name)!.partKey)).sort();
}
