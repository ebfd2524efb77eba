/** Reads the files of a drop, a file picker or the clipboard, with their paths; folders are opened. */
import type { DroppedFile } from "../../protocol/engine.ts";

/** More files than any diffusers folder has; reading a dropped home folder stops here. */
const mostFiles = 500;

/** Must be called while the drop event is being handled, because the browser clears its items afterwards. */
export function filesOfDrop(transfer: DataTransfer): Promise<DroppedFile[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const files = items.map((item) => item.getAsFile());
  return collect(entries, files);
}

export function filesOfInput(input: HTMLInputElement): DroppedFile[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** None if only text was copied. */
export function filesOfClipboard(data: DataTransfer): DroppedFile[] {
  // A piece of a document or of a spreadsheet brings a picture of itself, and is meant as text. (A file's name comes as plain
  // text, too, and a web page's picture as HTML.)
  if (data.types.includes("text/plain") && data.types.includes("text/html")) return [];
  return [...data.files].map((file) => ({ path: file.name, file }));
}

async function collect(entries: (FileSystemEntry | null)[], files: (File | null)[]): Promise<DroppedFile[]> {
  const found: DroppedFile[] = [];
  for (const [index, entry] of entries.entries()) {
    const file = files[index];
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, entry.name, found);
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, path: string, found: DroppedFile[]): Promise<void> {
  const reader = folder.createReader();
  while (found.length < mostFiles) {
    // A reader returns its entries in batches; an empty batch is the last.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const entry of batch) {
      const entryPath = `${path}/${entry.name}`;
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, entryPath, found);
      else if (!entry.name.startsWith(".")) found.push({ path: entryPath, file: await fileOf(entry as FileSystemFileEntry) });
      if (found.length >= mostFiles) return;
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
