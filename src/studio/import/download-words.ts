/** What a download is doing, in words. */
import type { DownloadProgress } from "../../protocol/download.ts";

export function downloadWords(name: string, state: DownloadProgress["state"]): string {
  if (state === "reconnecting") return "The connection was cut; trying again";
  return state === "waiting" ? "The host asked to wait a little" : `Fetching ${name}`;
}
