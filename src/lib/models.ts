/** Model files: what one is, and its parts with weights that are read when they are needed. */

export { loadCheckpoint, loadVae } from "../models/checkpoint.ts";
export { loadControlNet, loadSparseCtrl } from "../models/control/load.ts";
export { loadEmbedding } from "../models/embedding.ts";
export type { ModelFile } from "../models/files.ts";
export { type Identified, identify } from "../models/identify.ts";
export { type Lora, loadLora } from "../models/lora/load.ts";
export { loadMotionModule } from "../models/motion/load.ts";
export type { Checkpoint, MotionModule, WeightSource } from "../models/types.ts";
