/** The download worker as the page sees it (through comlink). Types only. */

/** A file to fetch, with what is known of it beforehand. */
export interface DownloadOrder {
  readonly address: string;
  /** null: the last part of the address. */
  readonly name: string | null;
  /** The exact length that its host states; null: unknown. */
  readonly bytes: number | null;
  /** Hexadecimal; null: unknown. */
  readonly sha256: string | null;
}

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
  /** "reconnecting": a cut connection is being replaced; "waiting": the host asked for a pause. */
  readonly state: "receiving" | "reconnecting" | "waiting";
}

/** A download that was interrupted, with the bytes that it has so far. */
export interface PartialDownload {
  readonly address: string;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

/** What the page of a model offers, as the public API of its host lists it. */
export interface RemoteModel {
  readonly title: string;
  /** The address of the page for people. */
  readonly page: string;
  /** As the host writes it ("apache-2.0"); null: it states none. */
  readonly licence: string | null;
  /** Whether the host gives the files only to people who accepted its conditions. */
  readonly gated: boolean;
  /** The files that a studio may be able to read; the host's own order. */
  readonly files: readonly DownloadOrder[];
}

/** Calls reject with ZoetropeError `download/…`, `storage/full`. */
export interface DownloadApi {
  /** null: it was cancelled. The bytes so far stay, and the next download of the address continues from them. */
  download(order: DownloadOrder, onProgress: (progress: DownloadProgress) => void): Promise<Downloaded | null>;
  /** Asks Hugging Face or Civitai which files the page at an address offers. null: the address is not a page of theirs, or it was cancelled. */
  find(address: string): Promise<RemoteModel | null>;
  /** Ends the search or download of an address. */
  cancel(address: string): Promise<void>;
  /** Sends an access token with requests to the host of `address`, until the tab closes; empty: none. Nothing stores it. */
  setToken(address: string, token: string): Promise<void>;
  partial(): Promise<readonly PartialDownload[]>;
  /** Deletes the bytes so far of an interrupted download. */
  discard(address: string): Promise<void>;
}
