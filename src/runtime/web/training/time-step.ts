/** Times a step of a training, so that its whole time can be told before it begins. */

import type { Picture } from "../../../core/fit-picture.ts";
import type { ClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import type { TrainingPlan } from "../../../protocol/training.ts";
import type { ModelSet } from "../../compose/model-set.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Examples } from "../../training/examples.ts";
import { teach, trainingSide } from "../../training/teach.ts";

/** Enough for any motion module: a step sees as many as its own, unless the settings say how many. */
const CLIP_FRAMES = 32;

/** @returns milliseconds of the second step on a grey example; null when it was aborted before */
export async function timeStep(
  { kind, settings }: Pick<TrainingPlan, "kind" | "settings">,
  models: ModelSet,
  tools: { readonly engine: Engine; readonly tokenizer: ClipTokenizer; readonly signal: AbortSignal },
): Promise<number | null> {
  const side = trainingSide(settings, models);
  const lesson = {
    kind,
    models,
    settings: { ...settings, steps: 2, lookSteps: 0 },
    examples: greyExamples(kind, side, settings.frames === 0 ? CLIP_FRAMES : settings.frames),
    sample: null,
    memoryBytes: tools.engine.backend.memoryBytes,
    state: null,
  };
  let begun: number | null = null;
  try {
    for await (const event of teach(lesson, tools)) {
      if (event.type !== "step") continue;
      // The noise of a clip is not looked for after the last step.
      if (begun !== null) return performance.now() - begun;
      begun = performance.now();
    }
  } catch (thrown) {
    if (!tools.signal.aborted) throw thrown;
  }
  return null;
}

function greyExamples(kind: TrainingPlan["kind"], side: number, frames: number): Examples {
  const grey: Picture = { pixels: new Float32Array(3 * side * side), width: side, height: side };
  if (kind === "lora") return { type: "pictures", pictures: [{ ...grey, caption: "" }] };
  return { type: "clips", clips: [{ frames: new Array(frames).fill(grey), caption: "" }] };
}
