/** Asks the browser to keep stored models when the disk runs low. Only the page may ask; workers may not. */

/** @returns whether the browser will keep stored models; some browsers ask the person, others decide alone */
export async function keepStorage(): Promise<boolean> {
  // TypeScript declares it as always present, but insecure contexts lack it.
  const storage: StorageManager | undefined = globalThis.navigator?.storage;
  try {
    return (await storage?.persisted()) || ((await storage?.persist()) ?? false);
  } catch {
    return false;
  }
}
