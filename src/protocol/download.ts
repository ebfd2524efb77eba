/** The download worker as the page sees it (through comlink). Types only. */

/** A file that arrived whole. */
export interface Downloaded {
  readonly name: string;
  readonly file: Blob;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
}

export interface DownloadProgress {
  readonly name: string;
  readonly doneBytes: number;
  /** null when the host does not tell. */
  readonly totalBytes: number | null;
  /** The connection was cut and another one is being tried. */
  readonly reconnecting: boolean;
}

/** What arrived of a file whose download was interrupted. */
export interface PartialDownload {
  readonly address: string;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

export interface DownloadApi {
  /** null when it was cancelled; what has arrived stays, and is gone on from. Throws ErrorInfo `download/…`, `storage/full`. */
  download(address: string, onProgress: (progress: DownloadProgress) => void): Promise<Downloaded | null>;
  cancel(): Promise<void>;
  partial(): Promise<readonly PartialDownload[]>;
  /** Throws away what has arrived of it. */
  discard(address: string): Promise<void>;
}
