/** The file of a training as it stands. */

import { withTrigger } from "../../../core/training/captions.ts";
import type { TrainingPlan, TrainingSample } from "../../../protocol/training.ts";
import type { ModelSet } from "../../compose/model-set.ts";
import type { InvertedClip } from "../../training/invert-clip.ts";
import { learnedFile, tunedClipFile } from "../../training/learned-file.ts";
import { learnedValues, type TrainingState } from "../../training/training-state.ts";
import { dataUrl } from "./training-pictures.ts";

export interface LearnedSoFar {
  readonly state: TrainingState;
  /** The noise of the clip that the model was tuned on; null: it has not been looked for, or there is no such clip. */
  readonly inverted: InvertedClip | null;
  /** Shown beside the file's name; null: there is none yet. */
  readonly sample: TrainingSample | null;
}

export function learnedSoFar(
  { kind, name, trigger, settings, examples }: TrainingPlan,
  models: ModelSet,
  { state, inverted, sample }: LearnedSoFar,
): Uint8Array<ArrayBuffer> {
  const values = learnedValues(state);
  const captions = examples.map(({ caption }) => withTrigger(caption, trigger));
  const about = { modelName: models.name, thumbnail: sample === null ? null : dataUrl(sample.still) };
  const levels = models.unet.config.blockOutChannels;
  if (kind === "tune-a-video") return tunedClipFile(values, inverted, { ...about, levels, caption: captions[0]! });
  return learnedFile(kind, values, settings, models, {
    ...about,
    title: name,
    steps: state.steps,
    learningRate: settings.learningRate,
    seed: settings.seed,
    trigger,
    captions,
  });
}
