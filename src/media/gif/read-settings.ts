/** The settings kept in a GIF's comments, if it has any. */
import { readGifComments } from "../../formats/gif/comment.ts";
import { parseSettingsText, type RestoredSettings } from "../settings-text.ts";

/** null when no comment holds settings; throws `gif/…` when it is not a whole GIF. */
export function readGifSettings(gif: Uint8Array): RestoredSettings | null {
  for (const comment of readGifComments(gif)) {
    const restored = parseSettingsText(comment);
    if (restored !== null) return restored;
  }
  return null;
}
