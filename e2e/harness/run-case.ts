/** Runs one case of the parity kit through the product's pipeline in this worker. */

import type { RenderArguments } from "../../src/cli/arguments.ts";
import { resolveSettings } from "../../src/cli/settings.ts";
import { type ClipTokenizer, createClipTokenizer } from "../../src/core/prompt/tokenizer.ts";
import { gunzip, isGzip } from "../../src/formats/gzip.ts";
import { loadCheckpoint, loadVae } from "../../src/models/checkpoint.ts";
import { loadLora } from "../../src/models/lora/load.ts";
import { loadMotionModule } from "../../src/models/motion/load.ts";
import { composeModels } from "../../src/runtime/compose/compose.ts";
import type { ModelSet } from "../../src/runtime/compose/model-set.ts";
import type { Backend } from "../../src/runtime/engine/backend.ts";
import { Engine } from "../../src/runtime/engine/engine.ts";
import { renderClip } from "../../src/runtime/pipeline/render-clip.ts";
import { kitFile, kitTensors } from "./kit.ts";

const SESSION_BUDGET_BYTES = 2 ** 30;

export interface CaseResult {
  /**
   * Tensors under the names of the command line's dumps: `text.cond`, `latents.init`, `latents.step.000`, …,
   * `latents.final`, `frames`.
   */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  readonly timingsMs: Readonly<Record<string, number>>;
}

/**
 * @param args the case's arguments, with paths relative to the kit
 * @param stopAfter number of steps after which to stop without decoding; null runs to the end
 */
export async function runCase(args: RenderArguments, backend: Backend, stopAfter: number | null): Promise<CaseResult> {
  const [models, tokenizer] = await Promise.all([openModels(args), openTokenizer()]);
  const settings = resolveSettings(args, models);
  const initLatents = args.initLatents === null ? null : await (await kitTensors(args.initLatents)).readFloat32("latents");
  const engine = new Engine(backend, SESSION_BUDGET_BYTES);
  const tensors: Record<string, Float32Array> = {};
  let timingsMs: CaseResult["timingsMs"] = {};
  try {
    const request = { settings, models, initLatents, initVideo: null, controls: [], decodeTile: null };
    const { signal } = new AbortController();
    for await (const event of renderClip(request, { engine, tokenizer, signal })) {
      if (event.type === "text") {
        tensors["text.cond"] = event.cond;
        if (event.uncond !== null) tensors["text.uncond"] = event.uncond;
      } else if (event.type === "start") {
        tensors["latents.init"] = event.latents;
      } else if (event.type === "step") {
        tensors[`latents.step.${String(event.step).padStart(3, "0")}`] = event.latents;
        if (event.step === event.steps - 1) tensors["latents.final"] = event.latents;
        if (stopAfter === event.step + 1) break;
      } else if (event.type === "frame") {
        tensors.frames ??= new Float32Array(event.pixels.length * settings.frames);
        tensors.frames.set(event.pixels, event.index * event.pixels.length);
      } else if (event.type === "done") {
        timingsMs = event.timingsMs;
      }
    }
  } finally {
    await engine.release();
  }
  return { tensors, timingsMs };
}

async function openModels(args: RenderArguments): Promise<ModelSet> {
  const one = async (path: string) => [await kitFile(path)];
  const loras = [...args.loras, ...args.motionLoras].map(async ({ path, weight }, i) => {
    return { id: `lora${i}`, lora: await loadLora(await one(path)), weight };
  });
  // Keys name the files, so that cases with the same files share shards.
  const key = (path: string | null) => (path ?? "none").replace(/\W+/g, "-");
  const { models } = composeModels({
    checkpoint: await loadCheckpoint(await one(args.checkpoint!)),
    motion: args.motion === null ? null : await loadMotionModule(await one(args.motion)),
    vae: args.vae === null ? null : await loadVae(await one(args.vae)),
    loras: await Promise.all(loras),
    preview: null,
    controls: [],
    keys: {
      unet: `unet-${key(args.checkpoint)}`,
      text: `text-${key(args.checkpoint)}`,
      vae: `vae-${key(args.vae ?? args.checkpoint)}`,
      motion: `motion-${key(args.motion)}`,
    },
  });
  return models;
}

export async function openTokenizer(): Promise<ClipTokenizer> {
  const name = "bpe_simple_vocab_16e6.txt.gz";
  const packed = new Uint8Array(await (await fetch(`/tokenizer/${name}`)).arrayBuffer());
  // Some servers decompress .gz files before they send them.
  return createClipTokenizer(new TextDecoder().decode(isGzip(packed) ? await gunzip(packed, name) : packed));
}
