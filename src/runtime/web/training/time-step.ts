/** Times a step of a training, so that its whole time can be told before it begins. */

import type { Picture } from "../../../core/fit-picture.ts";
import type { ClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import type { TrainingPlan } from "../../../protocol/training.ts";
import type { ModelSet } from "../../compose/model-set.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Examples } from "../../training/examples.ts";
import { teach, trainingSide } from "../../training/teach.ts";

/** Enough for any motion module: a step sees as many as its own. */
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
    examples: greyExamples(kind, side),
    sample: null,
    memoryBytes: tools.engine.backend.memoryBytes,
    state: null,
  };
  let begun: number | null = null;
  let stepMs: number | null = null;
  try {
    for await (const event of teach(lesson, tools)) {
      if (event.type !== "step") continue;
      stepMs = begun === null ? null : performance.now() - begun;
      begun = performance.now();
    }
  } catch (thrown) {
    if (!tools.signal.aborted) throw thrown;
  }
  return stepMs;
}

function greyExamples(kind: TrainingPlan["kind"], side: number): Examples {
  const grey: Picture = { pixels: new Float32Array(3 * side * side), width: side, height: side };
  if (kind === "lora") return { type: "pictures", pictures: [{ ...grey, caption: "" }] };
  return { type: "clips", clips: [{ frames: new Array(CLIP_FRAMES).fill(grey), caption: "" }] };
}
