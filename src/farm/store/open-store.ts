/** Opens the store that `--results` names. */

import { ZoetropeError } from "../../core/errors.ts";
import type { BlobStore } from "./blob-store.ts";
import { FolderStore } from "./folder-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param location a folder, or s3://BUCKET/PREFIX. The service is AWS_ENDPOINT_URL, else Amazon's own.
 * @throws ZoetropeError `arguments/results`
 */
export async function openStore(location: string, environment: Environment = process.env): Promise<BlobStore> {
  if (!/^[a-z][a-z\d+.-]+:\/\//i.test(location)) {
    const store = new FolderStore(location);
    await store.sweep();
    return store;
  }
  const found = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location);
  if (found === null) refuse(`--results ${location} is neither a folder nor s3://BUCKET/PREFIX.`, "Name one of the two.");
  const [, bucket = "", prefix = ""] = found;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey)
    refuse(`--results ${location} needs keys.`, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
  const region = environment.AWS_REGION ?? "us-east-1";
  const service = environment.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`;
  // Loaded here, so that a farm with a folder does not wait for it.
  const [{ S3mini }, { S3Store }] = await Promise.all([import("s3mini"), import("./s3-store.ts")]);
  const s3 = new S3mini({ accessKeyId, secretAccessKey, region, endpoint: `${service.replace(/\/$/, "")}/${bucket}` });
  return new S3Store(s3, prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`);
}

function refuse(message: string, hint: string): never {
  throw new ZoetropeError("arguments/results", { message, hint });
}
