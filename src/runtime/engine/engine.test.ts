/** Sessions that the engine keeps open, on a backend that records them and opens nothing. */

import { expect, it } from "vitest";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { kitModels } from "../testing/kit-models.ts";
import type { Backend } from "./backend.ts";
import { Engine } from "./engine.ts";
import { packedParts } from "./plans/model-parts.ts";
import type { Plan } from "./plans/plan.ts";
import { textPlan } from "./plans/text.ts";
import { textKvPlan } from "./plans/text-kv.ts";
import { unetPlan } from "./plans/unet.ts";
import { decoderPlan } from "./plans/vae.ts";

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
  const style = engine.style("q8");
  await engine.session(textPlan(models.text, { clipSkip: 1, inputs: "ids" }, style));
  await engine.session(textKvPlan(models.unet, { batch: 1, tokens: 77 }, style));
  engine.beginPhase();
  await engine.session(unet(engine));
  const denoising = [...open].sort();
  engine.beginPhase();
  await engine.session(decoderPlan(models.vae, { height: 8, width: 8 }, style));
  return { denoising, decoding: [...open].sort() };
}

function unet(engine: Engine): Plan {
  const shape = { frames: 2, height: 8, width: 8, textBatch: 1, textTokens: 77 };
  const options = { ...shape, motion: null, norm: "original", freeNoise: null, control: false } as const;
  return unetPlan({ ...options, unet: models.unet }, engine.unetStyle("q8"));
}

/** Bytes of each session's shards. */
const bytes = Object.fromEntries(
  packedParts({ ...models, motion: null }, { precision: "q8", attention: "fused", longBlocks: true }).map(({ name, uses }) => [
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

it("a warm session neither lists its parts nor builds its graph", async () => {
  const engine = new Engine(recording().backend, 2 ** 40);
  const calls = { parts: 0, build: 0 };
  const plan = unet(engine);
  const counted: Plan = {
    ...plan,
    parts: () => {
      calls.parts++;
      return plan.parts();
    },
    build: () => {
      calls.build++;
      return plan.build();
    },
  };
  for (let call = 0; call < 3; call++) await engine.session(counted);
  expect(calls).toEqual({ parts: 1, build: 1 });
});
