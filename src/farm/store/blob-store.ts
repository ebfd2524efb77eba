/** Where a farm keeps finished clips and the files that jobs bring: a folder, or a bucket of any S3-compatible store. */

import { ZoetropeError } from "../../core/errors.ts";

export interface BlobStore {
  has(name: string): Promise<boolean>;
  /** null: there is no such blob. */
  get(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Stores the bytes, either whole or not at all. @returns whether the name was new; a name that is stored keeps its bytes */
  put(name: string, bytes: Uint8Array): Promise<boolean>;
  /** The same store below a folder of this name. */
  below(folder: string): BlobStore;
}

/** Names are hashes, with an ending or without, so that no name can lead out of the store. */
const NAME = /^[0-9a-f]{32,64}(\.[a-z]{3,4})?$/;

/** @throws ZoetropeError `store/name` */
export function checkName(name: string): void {
  if (!NAME.test(name))
    throw new ZoetropeError("store/name", { message: "This is not the name of a clip or a file of the farm." });
}
