/** Turns the draft into a plan for the engine, or into the reason why there cannot be one yet. */
import { bytesWords } from "../../core/amounts.ts";
import { wasmLimitBytes } from "../../core/animation/memory.ts";
import { defaultTrainingSettings } from "../../core/training/training-settings.ts";
import type { ModelSelection, RenderRequest } from "../../protocol/engine.ts";
import type { TrainingPlan } from "../../protocol/training.ts";
import { buildRequest } from "../render/request.ts";
import { parseNumber } from "../settings/number-fields.ts";
import { noHeldFrames } from "../store/held-frames.ts";
import type { StudioState } from "../store/studio-store.ts";
import type { TaughtNumber } from "../store/teach.ts";
import { samplePromptOf, suitableRate, triggerOf, tunedFrames, untunable } from "./draft.ts";
import { sampleEveryField, taughtFields } from "./fields.ts";

/** A sample is a short and rough animation, because the training waits for it. */
const sampleFrames = 8;
const sampleSteps = 12;

/** Bytes of a training's weights, activations and gradients for each parameter, at least: the weights in fp32, and as much again. */
const bytesPerParameter = 8;

/** Settings that a model without a motion module, which moves by itself, does not go together with. */
const ownMovement = { zeroMotion: false, loop: false } as const;

/** Numbers of a LoRA; and more than one clip in a step would be the same one. */
const ignoredWhenTuning: ReadonlySet<TaughtNumber> = new Set(["batch", "rank", "lookSteps"]);

export type PlanResult =
  | { readonly ok: true; readonly plan: TrainingPlan }
  /** `field`: the accessible name of the field to correct; null where none is at fault. */
  | { readonly ok: false; readonly message: string; readonly field: string | null };

type Lesson = Pick<TrainingPlan, "kind" | "models" | "settings">;

/** All of a plan but what is shown to it. */
export type LessonResult = { readonly ok: true; readonly lesson: Lesson } | Extract<PlanResult, { ok: false }>;

export function buildPlan(state: StudioState): PlanResult {
  const draft = state.teachDraft;
  if (draft.examples.length === 0) return refuse("Bring the pictures to learn from.", null);
  const wrong = draft.kind === "tune-a-video" ? untunable(draft) : null;
  if (wrong !== null) return refuse(wrong, null);
  if (draft.name.trim() === "") return refuse("Give it a name.", "Name");
  const built = buildLesson(state);
  if (!built.ok) return built;
  const every = parseNumber(draft.sampleEvery, sampleEveryField);
  if (!every.ok) return refuse(every.message, sampleEveryField.label);
  const clip = requestOf(state);
  if (!clip.ok) return clip;
  const { frames, steps } = clip.request.settings;
  const settings = {
    ...clip.request.settings,
    frames: Math.min(mostFrames(built.lesson, frames), sampleFrames),
    steps: Math.min(steps, sampleSteps),
    ...(draft.kind === "tune-a-video" ? ownMovement : {}),
  };
  const trigger = triggerOf(draft).trim();
  return {
    ok: true,
    plan: {
      ...built.lesson,
      name: draft.name.trim(),
      trigger: trigger === "" ? null : trigger,
      examples: draft.examples.map(({ frames, caption }) => {
        return { frames: draft.kind === "lora" ? frames.slice(0, 1) : frames, caption: caption.trim() };
      }),
      samples: every.value === 0 ? null : { every: every.value, settings },
    },
  };
}

/** Of a sample. A tuned model draws as many frames as it has learned; without a motion module a LoRA draws one. */
function mostFrames({ kind, models, settings }: Lesson, frames: number): number {
  if (kind === "tune-a-video") return settings.frames;
  return models.motion === null ? 1 : frames;
}

export function buildLesson(state: StudioState): LessonResult {
  const { kind, numbers, targets } = state.teachDraft;
  const clip = requestOf(state);
  if (!clip.ok) return clip;
  const models = withoutClip(kind, clip.request.models, state);
  if (kind === "motion-lora" && models.motion === null)
    return refuse("Movement is learned by a motion module: choose one on the shelf.", null);
  const checkpoint = state.shelf.find(({ id }) => id === models.checkpoint);
  const backend = state.device.status === "ready" ? state.device.report.backend : null;
  const bytes = (checkpoint?.size?.parameters ?? 0) * bytesPerParameter;
  if (backend === "wasm" && bytes > wasmLimitBytes) {
    const message = `${checkpoint!.name} is too large to be taught on the processor in a browser: it takes ${bytesWords(bytes)} or more. Choose a smaller checkpoint, or use “zoetrope train”.`;
    return refuse(message, null);
  }
  const values: Partial<Record<TaughtNumber, number>> = {};
  for (const [name, spec] of Object.entries(taughtFields) as [TaughtNumber, (typeof taughtFields)[TaughtNumber]][]) {
    if (spec.whenEmpty !== undefined && numbers[name].trim() === "") continue;
    if (kind === "tune-a-video" && ignoredWhenTuning.has(name)) continue;
    const parsed = parseNumber(numbers[name], spec);
    if (!parsed.ok) return refuse(parsed.message, spec.label);
    values[name] = parsed.value;
  }
  const rate = suitableRate(kind, checkpoint);
  const suiting = kind === "tune-a-video" ? { batch: 1, frames: tunedFrames(state.teachDraft) } : {};
  const settings = { ...defaultTrainingSettings(), learningRate: rate, ...suiting, ...values, targets };
  return { ok: true, lesson: { kind, models, settings } };
}

/** A model is tuned without a motion module; and what was tuned on a clip learns nothing else. */
function withoutClip(kind: TrainingPlan["kind"], models: ModelSelection, { shelf }: StudioState): ModelSelection {
  const tuned = shelf.some((item) => item.id === models.motion && item.kind === "tuned-clip");
  return kind === "tune-a-video" || tuned ? { ...models, motion: null } : models;
}

/** What Generate would make of the samples' prompt, with neither LoRAs nor pictures, nor from a clip's noise. */
function requestOf(state: StudioState): { ok: true; request: RenderRequest } | Extract<PlanResult, { ok: false }> {
  const prompt = samplePromptOf(state.teachDraft, state.prompt);
  const bare = {
    ...state,
    prompt,
    keyframes: [],
    loraUse: {},
    start: null,
    heldFrames: noHeldFrames,
    controls: [],
    ipAdapter: null,
    shelf: state.shelf.map(({ clip: _, ...item }) => item),
  };
  return buildRequest(bare, () => Number(state.teachDraft.numbers.seed) || 0);
}

function refuse(message: string, field: string | null): Extract<PlanResult, { ok: false }> {
  return { ok: false, message, field };
}
