/** The origin's private file system, in which workers keep models. Some private windows have none. */

const FOLDER = "zoetrope";

/** The project's folder in it; null when the browser cannot keep files. */
export async function openPrivateFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    // Some browsers offer the directory and then refuse to write.
    const probe = await folder.getFileHandle(".probe", { create: true });
    await probe.createSyncAccessHandle().then((access) => access.close(), allowIfHeld);
    return folder;
  } catch {
    return null;
  }
}

/** The error means that another tab or worker is probing at this moment, so writing does work. */
function allowIfHeld(thrown: unknown): void {
  if (!(thrown instanceof DOMException && thrown.name === "NoModificationAllowedError")) throw thrown;
}
