/**
 * Opens a graphics card for sessions: with those of its features with which most results are right, and with the kernels that are
 * fastest there. Both are found out at the first start on a card, driver and engine, and kept for later ones.
 */

import type { InferenceSession } from "onnxruntime-common";
import type { CardReport } from "../../../protocol/engine.ts";
import { keepCardNotes, readCardNotes } from "../../../storage/card-notes.ts";
import type { BlobShardStore } from "../../../storage/shard-store.ts";
import type { Session, SessionIo } from "../../engine/backend.ts";
import { chooseKernels, type KernelChoice } from "../../engine/kernel-choice.ts";
import { type SelfTest, selfTest, type TestBreadth, wrongResults } from "../../engine/self-test.ts";
import { allRight, best, type FasterFeature, featureSets, givenUp } from "./card-features.ts";
import { DeviceWatch } from "./device-watch.ts";
import { cardKey, type GpuAdapter, requestDevice, requestGpu } from "./gpu-device.ts";
import type { OrtModule } from "./ort-module.ts";
import { openSession } from "./web-session.ts";

export interface CardOptions {
  /** Forbids that single operations run on the processor. */
  readonly strict: boolean;
  readonly releaseBuffers: boolean;
  /** Whether a software renderer will do; "as a card": with a card's whole test and choices. */
  readonly software: boolean | "as a card";
}

export interface Card {
  readonly device: GPUDevice;
  readonly name: string;
  readonly features: readonly FasterFeature[];
  readonly test: SelfTest;
  createSession(model: Uint8Array<ArrayBuffer>, shards: readonly string[], io?: SessionIo): Promise<Session>;
}

export interface OpenedCard {
  readonly card: Card;
  readonly givenUp: CardReport["givenUp"];
  /** null: they could not be measured. */
  readonly kernels: KernelChoice | null;
}

/** Kept under `cardKey`. */
interface CardNotes extends Pick<OpenedCard, "givenUp" | "kernels"> {
  readonly features: readonly FasterFeature[];
  readonly attention: SelfTest["attention"];
  readonly fp16: boolean;
}

/** Raise it when the self-test or the measurement changes, so that every card is tried anew. */
const NOTES_VERSION = 1;
const MEASURING_MS = 1800;

/** @throws ZoetropeError `device/no-webgpu`, `device/wrong-results` */
export async function openCard(module: OrtModule, store: BlobShardStore, options: CardOptions): Promise<OpenedCard> {
  const gpu = await requestGpu(options.software !== false);
  if (isSoftware(gpu) && options.software !== "as a card") return openPlainly(gpu, module, store, options);
  const key = cardKey(gpu.adapter, `${module.version}/${NOTES_VERSION}`);
  const notes = (await readCardNotes(key)) as CardNotes | undefined;
  if (notes === undefined) return findOut(gpu, module, store, options, key);
  const card = await tryCard(gpu, notes.features, module, store, options);
  if (card.test.attention === notes.attention && card.test.fp16 === notes.fp16) return { ...notes, card };
  card.device.destroy();
  return findOut(await requestGpu(options.software !== false), module, store, options, key);
}

/** A software renderer gains nothing from faster features, and would take minutes to try them. */
async function openPlainly(gpu: GpuAdapter, module: OrtModule, store: BlobShardStore, options: CardOptions): Promise<OpenedCard> {
  const card = await tryCard(gpu, [], module, store, options, "usual shapes");
  if (card.test.attention === null) {
    card.device.destroy();
    throw wrongResults(card.name, card.test);
  }
  return { card, givenUp: [], kernels: null };
}

function isSoftware({ adapter: { info } }: GpuAdapter): boolean {
  return info.isFallbackAdapter || info.architecture === "swiftshader";
}

async function findOut(
  gpu: GpuAdapter,
  module: OrtModule,
  store: BlobShardStore,
  options: CardOptions,
  key: string,
): Promise<OpenedCard> {
  const trials: Card[] = [];
  for (const features of featureSets(gpu.adapter.features)) {
    // An adapter gives one device.
    const adapter = trials.length === 0 ? gpu : await requestGpu(options.software !== false);
    const trial = await tryCard(adapter, features, module, store, options);
    trials.push(trial);
    if (allRight(trial.test, gpu.fp16)) break;
  }
  const card = best(trials);
  for (const trial of trials) if (trial !== card) trial.device.destroy();
  const { attention, fp16 } = card.test;
  if (attention === null) {
    card.device.destroy();
    throw wrongResults(card.name, card.test);
  }
  const open = (model: Uint8Array<ArrayBuffer>) => card.createSession(model, []);
  const measuring = { fp16, budgetMs: MEASURING_MS, now: () => performance.now() };
  // Without a choice the usual forms run, which the self-test found right.
  const kernels = await chooseKernels(open, measuring).catch(() => null);
  const found = { givenUp: givenUp(trials, card), kernels };
  const notes: CardNotes = { ...found, features: card.features, attention, fp16 };
  await keepCardNotes(key, notes);
  return { ...found, card };
}

/** A device with these features, tested. Without any, what the test throws is thrown; with some, it counts as a wrong result. */
async function tryCard(
  gpu: GpuAdapter,
  features: readonly FasterFeature[],
  module: OrtModule,
  store: BlobShardStore,
  { strict, releaseBuffers }: CardOptions,
  breadth: TestBreadth = "every kernel",
): Promise<Card> {
  const device = await requestDevice(gpu, features);
  const watch = new DeviceWatch(device);
  const options: InferenceSession.SessionOptions = {
    executionProviders: [{ name: "webgpu", device, storageBufferCacheMode: releaseBuffers ? "lazyRelease" : "simple" }],
    extra: { session: { disable_cpu_ep_fallback: strict ? "1" : "0" } },
  };
  const createSession = async (model: Uint8Array<ArrayBuffer>, shards: readonly string[], io?: SessionIo) => {
    const bound = io === undefined ? null : { device, io };
    return watched(await watch.during(openSession(module, store, model, shards, options, bound)), watch);
  };
  try {
    const test = await selfTest((model) => createSession(model, []), gpu.fp16, breadth).catch((thrown: unknown) => {
      if (features.length === 0) throw thrown;
      return refused(thrown);
    });
    return { device, name: gpu.name, features, test, createSession };
  } catch (thrown) {
    device.destroy();
    throw thrown;
  }
}

/** A test that could not run. */
function refused(thrown: unknown): SelfTest {
  const op = thrown instanceof Error ? thrown.message : String(thrown);
  return { attention: null, fp16: false, results: [{ op, maxError: Number.POSITIVE_INFINITY, used: false }] };
}

function watched(session: Session, watch: DeviceWatch): Session {
  return {
    run: (inputs) => watch.during(session.run(inputs)),
    release: () => session.release(),
  };
}
