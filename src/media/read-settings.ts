/** Reads the settings in a file that was exported here, or by another tool that keeps them in a picture's or video's metadata. */
import { ZoetropeError } from "../core/errors.ts";
import { parseSettingsText, type RestoredSettings } from "./settings-text.ts";

/** Files made here are far smaller, so larger ones are not read for settings. */
const largestBytes = 400e6;

/** True for files of a kind that can carry settings. */
export function mayCarrySettings({ name, type }: Pick<File, "name" | "type">): boolean {
  return (
    /\.(gif|a?png|jpe?g|jfif|webp|mp4|webm|zip)$/i.test(name) || /^(image\/(gif|a?png|jpeg|webp)|video\/(mp4|webm))$/.test(type)
  );
}

/** @throws ZoetropeError `settings/damaged`, or `settings/none` when the file carries none */
export async function readSettings(file: File): Promise<RestoredSettings> {
  if (file.size <= largestBytes) {
    const { textsOf } = await import("./metadata-texts.ts");
    for (const text of await textsOf(file)) {
      const restored = parseSettingsText(text);
      if (restored !== null) return restored;
    }
  }
  throw new ZoetropeError("settings/none", {
    message: `${file.name} carries no settings: it was not exported here, or another program has stripped them.`,
    hint: "A GIF, PNG or video exported from Zoetrope brings back its prompt and settings.",
  });
}

/** Web UIs write such a text next to a picture; a longer one is something else. */
const longestTextBytes = 1e6;

/** Reads a text file as "parameters" text; null: it holds none, or is no text file. */
export async function readSettingsText(file: File): Promise<RestoredSettings | null> {
  if (!/\.txt$/i.test(file.name) || file.size > longestTextBytes) return null;
  return parseSettingsText(await file.text());
}
