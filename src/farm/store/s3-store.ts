/** Blobs as objects of a bucket. S3 shows an object only once it is whole. */

import type { S3mini } from "s3mini";
import { ZoetropeError } from "../../core/errors.ts";
import { type BlobStore, checkName } from "./blob-store.ts";

export class S3Store implements BlobStore {
  readonly #s3: S3mini;
  readonly #prefix: string;

  /** @param prefix ends in a slash, or is empty */
  constructor(s3: S3mini, prefix: string) {
    this.#s3 = s3;
    this.#prefix = prefix;
  }

  async has(name: string): Promise<boolean> {
    const key = this.#key(name);
    return (await this.#ask(() => this.#s3.objectExists(key))) === true;
  }

  async get(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const key = this.#key(name);
    const bytes = await this.#ask(() => this.#s3.getObjectArrayBuffer(key));
    return bytes === null ? null : new Uint8Array(bytes);
  }

  async put(name: string, bytes: Uint8Array): Promise<boolean> {
    const key = this.#key(name);
    if (await this.has(name)) return false;
    await this.#ask(() => this.#s3.putAnyObject(key, Buffer.from(bytes)));
    return true;
  }

  below(folder: string): BlobStore {
    return new S3Store(this.#s3, `${this.#prefix}${folder}/`);
  }

  #key(name: string): string {
    checkName(name);
    return this.#prefix + name;
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ZoetropeError("store/unreachable", {
        message: `The store at ${this.#s3.endpoint.href} refused or did not answer: ${reason}.`,
        hint: "Check the bucket's address and the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        cause,
      });
    }
  }
}
