/** Reads the comment of an MP4 or WebM file, in which exports keep their settings. */
import { BlobSource, Input, MATROSKA, MP4, WEBM } from "mediabunny";

/** null: the video has no comment. Throws the library's error for a file that is not a whole video. */
export async function readVideoComment(file: Blob): Promise<string | null> {
  using input = new Input({ source: new BlobSource(file), formats: [MP4, WEBM, MATROSKA] });
  const { comment } = await input.getMetadataTags();
  return comment ?? null;
}
