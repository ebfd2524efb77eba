/** Files on their way in: from the drop through the answer to what they are, to the shelf. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import type { DownloadProgress, PartialDownload } from "../../protocol/download.ts";
import type { DroppedFile, FileVerdict } from "../../protocol/engine.ts";

/** What one dropped thing turned out to be; settings come from a file exported here, pictures to begin with from others. */
export type Finding =
  | FileVerdict
  | {
      readonly usable: true;
      readonly kind: "settings";
      readonly files: readonly string[];
      readonly name: string;
      readonly restored: RestoredSettings;
    }
  | {
      /** Pictures to begin with. */
      readonly usable: true;
      readonly kind: "start";
      readonly files: readonly string[];
      readonly name: string;
      readonly pictures: readonly Blob[];
    };

export interface ImportProgress {
  readonly phase: "read" | "convert";
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly file: string;
  readonly startedAt: number;
}

/** Where a file was fetched from. */
export interface Origin {
  readonly address: string;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
}

export type ImportState =
  | { readonly status: "closed" }
  | {
      /** The address of a file is asked for. */
      readonly status: "address";
      readonly address: string;
      readonly error: ErrorInfo | null;
      /** What arrived of earlier downloads. */
      readonly partial: readonly PartialDownload[];
    }
  | {
      readonly status: "downloading";
      readonly address: string;
      readonly progress: DownloadProgress | null;
      readonly stopping: boolean;
    }
  | { readonly status: "inspecting"; readonly files: readonly DroppedFile[] }
  | {
      readonly status: "confirming";
      readonly files: readonly DroppedFile[];
      readonly findings: readonly Finding[];
      /** Paths of files that are of no use here, among others that are. */
      readonly leftOut: readonly string[];
      readonly origin: Origin | null;
    }
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
