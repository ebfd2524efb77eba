/** The origin's private file system, where a worker keeps models. Some private windows have none. */

const FOLDER = "zoetrope";

/** The project's own folder in it, or null where files can't be kept. */
export async function openPrivateFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    // Having a directory is not enough: some browsers refuse the writing.
    const probe = await folder.getFileHandle(".probe", { create: true });
    await probe.createSyncAccessHandle().then((access) => access.close(), allowIfHeld);
    return folder;
  } catch {
    return null;
  }
}

/** Another tab or worker that tries the same at this moment has it: so writing is not refused. */
function allowIfHeld(thrown: unknown): void {
  if (!(thrown instanceof DOMException && thrown.name === "NoModificationAllowedError")) throw thrown;
}
