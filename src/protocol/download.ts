/** The download worker as the page sees it (through comlink). Types only. */

/** A file that was fetched completely. */
export interface Downloaded {
  readonly name: string;
  readonly file: Blob;
  /** The SHA-256 of the whole file, hexadecimal. */
  readonly sha256: string;
}

export interface DownloadProgress {
  readonly name: string;
  readonly doneBytes: number;
  /** null: the host does not say. */
  readonly totalBytes: number | null;
  /** True while a cut connection is being replaced. */
  readonly reconnecting: boolean;
}

/** A download that was interrupted, with the bytes that it has so far. */
export interface PartialDownload {
  readonly address: string;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

export interface DownloadApi {
  /** null: it was cancelled. The bytes so far stay, and the next download of the address continues from them. Throws ZoetropeError `download/…`, `storage/full`. */
  download(address: string, onProgress: (progress: DownloadProgress) => void): Promise<Downloaded | null>;
  cancel(): Promise<void>;
  partial(): Promise<readonly PartialDownload[]>;
  /** Deletes the bytes so far of an interrupted download. */
  discard(address: string): Promise<void>;
}
