/** Mini with its motion module, and the tokenizer, from the files that ship with the package. */

import { type ClipTokenizer, createClipTokenizer } from "../core/prompt/tokenizer.ts";
import { gunzip, isGzip } from "../formats/gzip.ts";
import { loadCheckpoint } from "../models/checkpoint.ts";
import {
  MINI_CHECKPOINT_FILES,
  MINI_CONTEXT_LENGTH,
  MINI_MOTION_FILES,
  MINI_PREVIEW_FILE,
  MINI_SETTINGS,
  openMini,
} from "../models/mini.ts";
import type { PreviewMap } from "../models/model-family.ts";
import { loadMotionModule } from "../models/motion/load.ts";
import { composeModels } from "../runtime/compose/compose.ts";
import type { ModelSet } from "../runtime/compose/model-set.ts";

/** Reads a file of the package's folder `public`, such as "models/mini/preview.json". */
export type ReadShipped = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

export async function openMiniModels(read: ReadShipped): Promise<ModelSet> {
  const readMini: ReadShipped = (path) => read(`models/mini/${path}`);
  const { models } = composeModels({
    checkpoint: await loadCheckpoint(await openMini(MINI_CHECKPOINT_FILES, readMini)),
    motion: await loadMotionModule(await openMini(MINI_MOTION_FILES, readMini)),
    vae: null,
    loras: [],
    controls: [],
    preview: JSON.parse(new TextDecoder().decode(await readMini(MINI_PREVIEW_FILE))) as PreviewMap,
    keys: { unet: "mini-unet", text: "mini-text", vae: "mini-vae", motion: "mini-motion" },
  });
  return { ...models, defaults: { ...models.defaults, ...MINI_SETTINGS, contextLength: MINI_CONTEXT_LENGTH } };
}

export async function openMiniTokenizer(read: ReadShipped): Promise<ClipTokenizer> {
  const file = "bpe_simple_vocab_16e6.txt.gz";
  const stored = await read(`tokenizer/${file}`);
  // Some servers send .gz files with a Content-Encoding, which the browser has undone by now.
  return createClipTokenizer(new TextDecoder().decode(isGzip(stored) ? await gunzip(stored, file) : stored));
}
