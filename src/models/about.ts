/** Reads title, author and thumbnail from a file's metadata: Stability's modelspec and the entries of kohya's trainer. */

import type { About } from "../core/about.ts";

export const NOTHING_KNOWN: About = { title: null, author: null, thumbnail: null };

const LONGEST_TEXT = 120;
const LARGEST_THUMBNAIL = 512 * 1024;
const PICTURE = /^data:image\/(png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/]+=*$/;

export function aboutOf(metadata: Readonly<Record<string, string>>): About {
  const thumbnail = metadata["modelspec.thumbnail"] ?? "";
  return {
    title: textOf(metadata["modelspec.title"]) ?? textOf(metadata.ss_output_name),
    author: textOf(metadata["modelspec.author"]),
    thumbnail: thumbnail.length <= LARGEST_THUMBNAIL && PICTURE.test(thumbnail) ? thumbnail : null,
  };
}

function textOf(text: string | undefined): string | null {
  const trimmed = (text ?? "").trim();
  if (trimmed === "" || trimmed === "None") return null;
  return trimmed.length <= LONGEST_TEXT ? trimmed : `${trimmed.slice(0, LONGEST_TEXT - 1)}…`;
}
