/** A dropped file's bytes: from the person's disk at first, from the stored copy once there is one. */

import { type ByteSource, blobSource } from "../../../formats/byte-source.ts";
import type { DroppedFile } from "../../../protocol/engine.ts";

export class DroppedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  #bytes: ByteSource;

  constructor({ file }: DroppedFile) {
    this.name = file.name;
    this.size = file.size;
    this.#bytes = blobSource(file, file.name);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#bytes.read(offset, length);
  }

  /** The person may remove the file once it is copied, so reading goes on in the copy, which holds the same bytes. */
  readFrom(copy: Blob): void {
    this.#bytes = blobSource(copy, this.name);
  }
}
