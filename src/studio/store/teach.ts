/** Teaching a LoRA, or tuning a model on a clip: what the person prepares, the training that runs or rests, and its samples. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { LoraTarget } from "../../core/training/training-settings.ts";
import type { KeptTraining, PngBytes, TrainingEvent, TrainingPlan } from "../../protocol/training.ts";

/** The numbers of a training that the page asks for. */
export type TaughtNumber = "steps" | "batch" | "rank" | "learningRate" | "frames" | "resolution" | "seed" | "lookSteps";

/** A picture or clip that the person brought. */
export interface DraftExample {
  readonly id: string;
  /** Of its file. */
  readonly name: string;
  /** More than one: a clip. */
  readonly frames: readonly PngBytes[];
  /** As typed. */
  readonly caption: string;
}

/** What the person has prepared. Texts are as typed. */
export interface TeachDraft {
  readonly kind: TrainingPlan["kind"];
  readonly examples: readonly DraftExample[];
  readonly name: string;
  /** null: made of the name. */
  readonly trigger: string | null;
  readonly numbers: Readonly<Record<TaughtNumber, string>>;
  readonly targets: LoraTarget;
  /** null: the prompt of the page, with the trigger word. */
  readonly samplePrompt: string | null;
  /** Steps from one sample to the next. */
  readonly sampleEvery: string;
}

/** What a running training is doing. */
export type Doing =
  /** `share`: 0 to 1 of it. */
  { readonly what: "preparing"; readonly share: number } | { readonly what: "learning" | "sampling" | "inverting" };

export type TeachState =
  /** `reading`: files that are still being read. `refusals`: files that could not be. */
  | { readonly status: "drafting"; readonly reading: number; readonly refusals: readonly ErrorInfo[] }
  | {
      readonly status: "training";
      readonly training: KeptTraining;
      readonly doing: Doing;
      readonly pausing: boolean;
      /** Milliseconds of a step, averaged over the last ones; null: none has been made yet. */
      readonly stepMs: number | null;
    }
  /** Paused, failed or finished. */
  | {
      readonly status: "resting";
      readonly training: KeptTraining;
      /** Why it rests; null: it was paused, or is finished. */
      readonly error: ErrorInfo | null;
      /** What this training put on the shelf; null: nothing yet. */
      readonly shelved: { readonly id: string; readonly step: number } | null;
      /** True while it is being put on the shelf. */
      readonly shelving: boolean;
    };

export type TeachIn<Status extends TeachState["status"]> = Extract<TeachState, { readonly status: Status }>;

/** The time of a step on this device, measured before the training begins. */
export type StepTime =
  | { readonly status: "unknown" | "measuring" }
  | { readonly status: "known"; readonly stepMs: number }
  | { readonly status: "failed"; readonly error: ErrorInfo };

export interface TeachSlice {
  readonly teach: TeachState;
  readonly teachOpen: boolean;
  readonly teachDraft: TeachDraft;
  readonly stepTime: StepTime;
  setTeach(teach: TeachState): void;
  setTeachOpen(open: boolean): void;
  changeDraft(change: Partial<TeachDraft>): void;
  setStepTime(time: StepTime): void;
  /** Applies an event to the running training. */
  applyTraining(event: TrainingEvent): void;
}

const emptyDraft: TeachDraft = {
  kind: "lora",
  examples: [],
  name: "",
  trigger: null,
  numbers: { steps: "300", batch: "4", rank: "8", learningRate: "", frames: "", resolution: "", seed: "0", lookSteps: "0" },
  targets: "attention",
  samplePrompt: null,
  sampleEvery: "50",
};

/** Weight of the newest step in the average time of a step. */
const newest = 0.2;

export const createTeachSlice: StateCreator<TeachSlice> = (set) => ({
  teach: { status: "drafting", reading: 0, refusals: [] },
  teachOpen: false,
  teachDraft: emptyDraft,
  stepTime: { status: "unknown" },
  setTeach: (teach) => set({ teach }),
  setTeachOpen: (teachOpen) => set({ teachOpen }),
  changeDraft: (change) => set(({ teachDraft }) => ({ teachDraft: { ...teachDraft, ...change } })),
  setStepTime: (stepTime) => set({ stepTime }),
  applyTraining: (event) => set(({ teach }) => (teach.status === "training" ? { teach: follow(teach, event) } : {})),
});

function follow(state: TeachIn<"training">, event: TrainingEvent): TeachState {
  const { training } = state;
  switch (event.type) {
    case "preparing":
      return { ...state, doing: { what: "preparing", share: event.share } };
    case "sampling":
    case "inverting":
      return { ...state, doing: { what: event.type } };
    case "step": {
      const stepMs = state.stepMs === null ? event.stepMs : (1 - newest) * state.stepMs + newest * event.stepMs;
      const losses = [...training.losses.slice(0, event.step - 1), event.loss];
      return { ...state, training: { ...training, step: event.step, losses }, doing: { what: "learning" }, stepMs };
    }
    case "sample": {
      const samples = [...training.samples.filter(({ step }) => step !== event.sample.step), event.sample];
      return {
        ...state,
        training: { ...training, samples: samples.toSorted((a, b) => a.step - b.step) },
        doing: { what: "learning" },
      };
    }
    case "finished":
    case "paused":
      return rest(training);
    case "failed":
      return { ...rest(training), error: event.error };
    case "notice":
      return state;
  }
}

/** A training that does not run, as far as known with nothing on the shelf. */
export function rest(training: KeptTraining): TeachIn<"resting"> {
  return { status: "resting", training, error: null, shelved: null, shelving: false };
}

/** Whether other examples may take the place of what was taught. */
export function takesExamples(teach: TeachState): boolean {
  return teach.status === "drafting" || (teach.status === "resting" && isFinished(teach.training) && teach.shelved !== null);
}

export function isFinished({ step, plan }: KeptTraining): boolean {
  return step >= plan.settings.steps;
}

/** The part of a running training's steps that has been made, in whole percent. */
export function taughtPercent({ training: { step, plan } }: TeachIn<"training">): number {
  return Math.floor((100 * step) / plan.settings.steps);
}
