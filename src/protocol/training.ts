/** Training in the engine worker as the page sees it (through comlink). Types only. */

import type { ErrorInfo } from "../core/errors.ts";
import type { RenderSettings } from "../core/settings/render-settings.ts";
import type { TrainingSettings } from "../core/training/training-settings.ts";
import type { ModelSelection } from "./engine.ts";

/** The bytes of a PNG or an animated PNG. */
export type PngBytes = Uint8Array<ArrayBuffer>;

/** A picture or clip with its caption. */
export interface CaptionedExample {
  /** One of a picture, several of a clip; all of one size. */
  readonly frames: readonly PngBytes[];
  /** Without the trigger word. */
  readonly caption: string;
}

/** What is to be learned from what. */
export interface TrainingPlan {
  /**
   * "lora": how things look, from the first frame of each example; "motion-lora": how they move, from clips; "tune-a-video": to draw the
   * only clip.
   */
  readonly kind: "lora" | "motion-lora" | "tune-a-video";
  /** Of what is learned. */
  readonly name: string;
  /** The word that calls what is learned; null: none. */
  readonly trigger: string | null;
  /** The models that learn, without LoRAs. */
  readonly models: ModelSelection;
  readonly examples: readonly CaptionedExample[];
  readonly settings: TrainingSettings;
  /** Clips that are made on the way, to show what has been learned; null: none. */
  readonly samples: {
    /** Steps from one sample to the next. */
    readonly every: number;
    readonly settings: RenderSettings;
  } | null;
}

/** A clip of what was learned up to a step. */
export interface TrainingSample {
  /** Steps made. */
  readonly step: number;
  readonly clip: PngBytes;
  /** Its first frame. */
  readonly still: PngBytes;
}

/** A training as the browser keeps it, also between visits. */
export interface KeptTraining {
  readonly plan: TrainingPlan;
  /** Steps made. All: it is finished. */
  readonly step: number;
  /** One for each step made. */
  readonly losses: readonly number[];
  /** By step. */
  readonly samples: readonly TrainingSample[];
}

export type TrainingEvent =
  /** Weights and examples are being made ready; 0 to 1. */
  | { readonly type: "preparing"; readonly share: number }
  /** `step` steps have been made; the last one took `stepMs`. */
  | { readonly type: "step"; readonly step: number; readonly loss: number; readonly stepMs: number }
  | { readonly type: "sampling" }
  /** The noise from which the tuned model draws its clip is being looked for. */
  | { readonly type: "inverting" }
  | { readonly type: "sample"; readonly sample: TrainingSample }
  | { readonly type: "notice"; readonly message: string }
  /** All steps are made. */
  | { readonly type: "finished" }
  /** It was asked to pause; the steps made so far are kept. */
  | { readonly type: "paused" }
  /** The steps made so far are kept, unless `error` says otherwise. */
  | { readonly type: "failed"; readonly error: ErrorInfo };

/** Calls reject with ZoetropeError. The browser keeps one training at a time. */
export interface TrainingApi {
  /** null: none is kept. */
  training(): Promise<KeptTraining | null>;
  /**
   * Makes two steps on an empty example, and times the second.
   * @returns milliseconds; null when a training began before that
   */
  timeTrainingStep(plan: Pick<TrainingPlan, "kind" | "models" | "settings">): Promise<number | null>;
  /**
   * Begins a training, which replaces the one that is kept, or goes on with that one if `plan` is null. Sends TrainingEvents over
   * `port`; the last is always finished, paused or failed.
   */
  train(plan: TrainingPlan | null, port: MessagePort): Promise<void>;
  /** The training pauses after the step or sample under way. */
  pauseTraining(): Promise<void>;
  /**
   * What was learned, as a file. Of a clip's training that was interrupted, the clip's noise is looked for first. `step`: that of a
   * sample; null: the latest.
   */
  learnedFile(step: number | null): Promise<Uint8Array<ArrayBuffer>>;
  /** Deletes the training that is kept. */
  forgetTraining(): Promise<void>;
}
