/** Asks the browser not to clear what is stored when the disk runs low. For the page: workers may not ask. */

/** @returns whether stored models are safe from being cleared; browsers decide without asking, or ask the person */
export async function keepStorage(): Promise<boolean> {
  // Typed as always there, but it is missing in insecure contexts.
  const storage: StorageManager | undefined = globalThis.navigator?.storage;
  try {
    return (await storage?.persisted()) || ((await storage?.persist()) ?? false);
  } catch {
    return false;
  }
}
