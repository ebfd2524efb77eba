/** The catalogue of models on other hosts, and the way of a choice from it to the shelf. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { ModelKind } from "../../protocol/engine.ts";

/** A file on another host. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  /** What a person wants it for, in one sentence. */
  readonly purpose: string;
  readonly kind: ModelKind;
  readonly address: string;
  /** About; the host states the exact length. */
  readonly bytes: number;
  /** Hexadecimal; null: not known here. */
  readonly sha256: string | null;
  readonly licence: string;
  /** The page of the file, for people. */
  readonly source: string;
  /** Settings that suit it, apart from those that follow from the file itself. */
  readonly settings: Partial<RenderSettings>;
  /** Memory that an animation with it takes, on a card at q8; null: no more than its base model. */
  readonly memoryBytes: number | null;
}

/** Entries that make animations together. */
export interface CatalogueSet {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly files: readonly {
    readonly entry: CatalogueEntry;
    /** Of a LoRA; null: its own suggestion. */
    readonly weight: number | null;
  }[];
  readonly settings: Partial<RenderSettings>;
  readonly memoryBytes: number | null;
}

export interface Catalogue {
  readonly sets: readonly CatalogueSet[];
  readonly entries: readonly CatalogueEntry[];
}

/** A file that the person is about to fetch. */
export interface PlannedFile {
  readonly entry: CatalogueEntry;
  readonly weight: number | null;
  readonly bytes: number;
  /** Whether the host stated `bytes`. */
  readonly exact: boolean;
  readonly sha256: string | null;
  /** The id of the file's model, if it is on the shelf already. */
  readonly shelfId: string | null;
}

export interface FetchPlan {
  readonly title: string;
  readonly purpose: string;
  readonly files: readonly PlannedFile[];
  readonly settings: Partial<RenderSettings>;
  readonly memoryBytes: number | null;
}

/** The way of one planned file. */
export type FileProgress =
  | { readonly status: "waiting" }
  | { readonly status: "fetching"; readonly doneBytes: number; readonly state: "receiving" | "reconnecting" | "waiting" }
  | { readonly status: "fetched" }
  /** `share`: 0 to 1 of the reading or the converting. */
  | { readonly status: "adding"; readonly phase: "read" | "convert"; readonly share: number }
  | { readonly status: "added" };

export type CatalogueState =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: ErrorInfo }
  | { readonly status: "choosing"; readonly catalogue: Catalogue }
  | {
      readonly status: "agreeing";
      readonly catalogue: Catalogue;
      readonly plan: FetchPlan;
      /** Whether the person has accepted the licences already, for an attempt that did not end well. */
      readonly accepted: boolean;
      /** True while the hosts are asked for exact sizes. */
      readonly asking: boolean;
      /** Why it could not be fetched. */
      readonly error: ErrorInfo | null;
      /** The address whose host wants an access token; null: none does. */
      readonly loginAt: string | null;
    }
  | {
      readonly status: "fetching";
      readonly catalogue: Catalogue;
      readonly plan: FetchPlan;
      /** One for each file of the plan. */
      readonly progress: readonly FileProgress[];
      readonly startedAt: number;
      readonly stopping: boolean;
    }
  | { readonly status: "ready"; readonly catalogue: Catalogue; readonly plan: FetchPlan };

/** The catalogue in one of its states. */
export type CatalogueIn<Status extends CatalogueState["status"]> = Extract<CatalogueState, { readonly status: Status }>;

/** The part of all bytes that has arrived and is on the shelf, in whole percent; adding a file counts as much as fetching it. */
export function fetchedPercent({ plan, progress }: CatalogueIn<"fetching">): number {
  const total = plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const done = plan.files.reduce((sum, { bytes }, i) => sum + bytes * shareOf(progress[i]!, bytes), 0);
  return total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
}

function shareOf(progress: FileProgress, bytes: number): number {
  switch (progress.status) {
    case "waiting":
      return 0;
    case "fetching":
      return Math.min(1, progress.doneBytes / bytes) / 2;
    case "fetched":
      return 0.5;
    case "adding":
      return 0.5 + (progress.phase === "read" ? progress.share * 0.1 : 0.1 + progress.share * 0.4);
    case "added":
      return 1;
  }
}

export interface CatalogueSlice {
  readonly catalogue: CatalogueState;
  /** Whether its dialog is open; files are fetched without it, too. */
  readonly catalogueOpen: boolean;
  /** Whether the person wants no button for it on the panel. */
  readonly catalogueHidden: boolean;
  setCatalogue(catalogue: CatalogueState): void;
  setCatalogueOpen(open: boolean): void;
  setCatalogueHidden(hidden: boolean): void;
}

export const createCatalogueSlice: StateCreator<CatalogueSlice> = (set) => ({
  catalogue: { status: "loading" },
  catalogueOpen: false,
  catalogueHidden: false,
  setCatalogue: (catalogue) => set({ catalogue }),
  setCatalogueOpen: (catalogueOpen) => set({ catalogueOpen }),
  setCatalogueHidden: (catalogueHidden) => set({ catalogueHidden }),
});
