/** Converts a checkpoint or motion module right after its import, so that its first clip need not wait for it. */

import { suitablePrecision } from "../../core/precision.ts";
import type { Precision } from "../../core/settings/render-settings.ts";
import type { PackProgress } from "../../graph/shards.ts";
import type { Identified } from "../../models/identify.ts";
import type { MotionConfig } from "../../models/types.ts";
import { use } from "../../storage/use-locks.ts";
import type { Engine } from "../engine/engine.ts";
import type { ModelParts } from "../engine/plans/model-parts.ts";
import { modelPartKey } from "../engine/shard-names.ts";
import { fits, mayFit, motionFitsNotice, type Partner } from "./library/motion-fits.ts";
import type { Shelf } from "./library/shelf.ts";

/** Packs the stored model with this id at the precision that it will run at on this device. */
export async function* convertImport(
  id: string,
  found: Identified,
  shelf: Shelf,
  engine: Engine,
  signal: AbortSignal,
): AsyncGenerator<PackProgress, void> {
  const precision = await precisionOf(found, shelf, engine.backend.kind);
  if (precision === null) return;
  const end = await use([id], signal);
  try {
    yield* engine.prepare(partsOf(id, found), precision, signal);
  } finally {
    await end();
  }
}

/** A sentence about the checkpoints that a motion module fits, or the use of a preprocessor; null where there is nothing to say. */
export async function importNotice({ kind, name, model }: Identified, shelf: Shelf): Promise<string | null> {
  if (kind === "preprocessor")
    return `${name} draws what a ControlNet sees: choose it under “Shown as” when a ControlNet follows a picture.`;
  if (kind === "upscaler") return `${name} enlarges saved pictures: choose it under “Enlarged by” in the options of saving.`;
  if (kind !== "motion") return null;
  return motionFitsNotice(name, model.config, await checkpointsFor(model.config, shelf));
}

function partsOf(id: string, { kind, model }: Identified): ModelParts {
  if (kind === "motion") return { motion: { ...model, key: modelPartKey(id, "motion") } };
  if (kind !== "checkpoint") return {};
  const { unet, textEncoder, vae } = model;
  return {
    unet: { ...unet, key: modelPartKey(id, "unet") },
    ...(textEncoder === null ? {} : { text: { ...textEncoder, key: modelPartKey(id, "text") } }),
    ...(vae === null ? {} : { vae: { ...vae, key: modelPartKey(id, "vae") } }),
  };
}

/** A motion module uses its checkpoint's precision. Null while no checkpoint fits it; it is converted on first use then. */
async function precisionOf(
  { kind, bytes, model }: Identified,
  shelf: Shelf,
  backend: Engine["backend"]["kind"],
): Promise<Precision | null> {
  const suitable = (size: number) => suitablePrecision(backend === "webgpu" ? "webgpu" : "wasm", size);
  if (kind !== "motion") return suitable(bytes);
  const fitting = (await checkpointsFor(model.config, shelf)).filter((checkpoint) => checkpoint.fits);
  return fitting.length === 0 ? null : suitable(Math.max(...fitting.map((checkpoint) => checkpoint.bytes)));
}

/** The shelf's readable checkpoints. One whose entry rules it out is not opened: Mini would have to be fetched for it. */
async function checkpointsFor(motion: MotionConfig, shelf: Shelf): Promise<(Partner & { bytes: number })[]> {
  const items = (await shelf.items()).filter(({ kind }) => kind === "checkpoint");
  const opened = await Promise.allSettled(
    items.map(async ({ id, name, bytes, levels }) => {
      const may = mayFit(levels, motion);
      return { name, bytes, fits: may && fits((await shelf.checkpoint(id)).checkpoint.unet.config, motion) };
    }),
  );
  return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
