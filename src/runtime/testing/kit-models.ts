/** The kit's SD 1.5 as the engine gets it: without LoRAs or control models. */

import { loadCheckpoint } from "../../models/checkpoint.ts";
import { loadMotionModule } from "../../models/motion/load.ts";
import { composeModels } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { kitModel } from "./parity-kit.ts";

/** @param motion a motion module of the kit; null: none */
export async function kitModels(motion: string | null = null): Promise<ModelSet> {
  return composeModels({
    checkpoint: await loadCheckpoint(kitModel("tiny-sd15.safetensors")),
    motion: motion === null ? null : await loadMotionModule(kitModel(motion)),
    vae: null,
    loras: [],
    controls: [],
    preview: null,
    keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
  }).models;
}
