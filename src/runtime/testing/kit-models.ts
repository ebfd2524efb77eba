/** The kit's SD 1.5 as the engine gets it: no motion module, LoRAs or control models. */

import { loadCheckpoint } from "../../models/checkpoint.ts";
import { composeModels } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { kitModel } from "./parity-kit.ts";

export async function kitModels(): Promise<ModelSet> {
  return composeModels({
    checkpoint: await loadCheckpoint(kitModel("tiny-sd15.safetensors")),
    motion: null,
    vae: null,
    loras: [],
    controls: [],
    preview: null,
    keys: { unet: "unet", text: "text", vae: "vae", motion: "motion" },
  }).models;
}
