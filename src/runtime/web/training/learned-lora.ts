/** The LoRA file of a training as it stands. */

import { withTrigger } from "../../../core/training/captions.ts";
import type { TrainingPlan, TrainingSample } from "../../../protocol/training.ts";
import type { ModelSet } from "../../compose/model-set.ts";
import { learnedFile } from "../../training/learned-file.ts";
import { learnedValues, type TrainingState } from "../../training/training-state.ts";
import { dataUrl } from "./training-pictures.ts";

/** @param sample shown beside the file's name; null: there is none yet */
export function learnedLora(
  { kind, name, trigger, settings, examples }: TrainingPlan,
  models: ModelSet,
  state: TrainingState,
  sample: TrainingSample | null,
): Uint8Array<ArrayBuffer> {
  return learnedFile(kind, learnedValues(state), settings, models, {
    title: name,
    modelName: models.name,
    steps: state.steps,
    learningRate: settings.learningRate,
    seed: settings.seed,
    trigger,
    captions: examples.map(({ caption }) => withTrigger(caption, trigger)),
    thumbnail: sample === null ? null : dataUrl(sample.still),
  });
}
