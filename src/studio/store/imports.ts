/** Files on their way in: from the drop through the answer to what they are, to the shelf. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import type { DroppedFile, FileVerdict } from "../../protocol/engine.ts";

/** What one dropped thing turned out to be; settings come from a file exported here. */
export type Finding =
  | FileVerdict
  | {
      readonly usable: true;
      readonly kind: "settings";
      readonly files: readonly string[];
      readonly name: string;
      readonly restored: RestoredSettings;
    };

export interface ImportProgress {
  readonly phase: "read" | "convert";
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly file: string;
  readonly startedAt: number;
}

export type ImportState =
  | { readonly status: "closed" }
  | { readonly status: "inspecting"; readonly files: readonly DroppedFile[] }
  | { readonly status: "confirming"; readonly files: readonly DroppedFile[]; readonly findings: readonly Finding[] }
  | {
      readonly status: "importing";
      readonly progress: ImportProgress | null;
      readonly refusals: readonly ErrorInfo[];
      readonly stopping: boolean;
    }
  | { readonly status: "refused"; readonly refusals: readonly ErrorInfo[] };

export interface ImportSlice {
  readonly imports: ImportState;
  setImports(imports: ImportState): void;
}

export const createImportSlice: StateCreator<ImportSlice> = (set) => ({
  imports: { status: "closed" },
  setImports: (imports) => set({ imports }),
});
