/** The import of files, from the drop to the shelf. */
import type { StateCreator } from "zustand/vanilla";
import type { ErrorInfo } from "../../core/errors.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import type { DownloadProgress, PartialDownload, RemoteModel } from "../../protocol/download.ts";
import type { DroppedFile, FileVerdict } from "../../protocol/engine.ts";

/** One dropped thing once it has been inspected: a model, the settings of a file exported here, or pictures to begin with. */
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

/** The source of a fetched file. */
export interface Origin {
  readonly address: string;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
}

export type ImportState =
  | { readonly status: "closed" }
  | {
      readonly status: "address";
      readonly address: string;
      readonly error: ErrorInfo | null;
      /** Interrupted downloads, which can be continued. */
      readonly partial: readonly PartialDownload[];
      /** The files of the page at `address`, of which the person chooses one. */
      readonly found: RemoteModel | null;
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
      /** Paths of files that nothing here can use; empty when no file can be used. */
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

/** The import in one of its states. */
export type ImportIn<Status extends ImportState["status"]> = Extract<ImportState, { readonly status: Status }>;

export interface ImportSlice {
  readonly imports: ImportState;
  setImports(imports: ImportState): void;
}

export const createImportSlice: StateCreator<ImportSlice> = (set) => ({
  imports: { status: "closed" },
  setImports: (imports) => set({ imports }),
});
