/** The comment of an MP4 or WebM file, where its settings are kept. */
import { BlobSource, Input, MATROSKA, MP4, WEBM } from "mediabunny";

/** null where there is none; throws the library's error when it is no whole video. */
export async function readVideoComment(file: Blob): Promise<string | null> {
  using input = new Input({ source: new BlobSource(file), formats: [MP4, WEBM, MATROSKA] });
  const { comment } = await input.getMetadataTags();
  return comment ?? null;
}
