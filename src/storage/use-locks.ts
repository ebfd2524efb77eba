/**
 * Web Locks on stored models and weights, by name, so that no tab removes what another tab is using. A browser without locks has
 * no private file system either, and its tabs share nothing.
 */

const locks: LockManager | undefined = globalThis.navigator?.locks;

/** Waits until none of the names is being removed, then blocks their removal until the returned function is called; that resolves when the locks are released. */
export async function use(names: readonly string[], signal: AbortSignal): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  const end = async () => {
    await Promise.all(ends.map((each) => each()));
  };
  try {
    // Every caller locks in the same order, so that two callers never wait for each other.
    for (const name of [...new Set(names)].sort()) ends.push(await hold(name, signal));
  } catch (thrown) {
    await end();
    throw thrown;
  }
  return end;
}

/** Runs a task when no tab uses the name any longer; `use` waits until the task has ended. */
export async function whenUnused<T>(name: string, task: () => Promise<T>): Promise<T> {
  return locks === undefined ? task() : locks.request(lockOf(name), task);
}

/** Runs a task unless a tab uses the name. */
export async function ifUnused(name: string, task: () => Promise<void>): Promise<void> {
  if (locks === undefined) return task();
  await locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
    if (lock !== null) await task();
  });
}

/** Holds a name alone until the returned function is called; null: another tab holds it. */
export function holdAlone(name: string): Promise<(() => void) | null> {
  return new Promise((begin, refuse) => {
    if (locks === undefined) return begin(() => undefined);
    locks
      .request(lockOf(name), { ifAvailable: true }, (lock) =>
        lock === null ? begin(null) : new Promise<void>((end) => begin(end)),
      )
      .catch(refuse);
  });
}

function hold(name: string, signal: AbortSignal): Promise<() => Promise<void>> {
  return new Promise((begin, refuse) => {
    if (locks === undefined) return begin(async () => undefined);
    const released = locks.request(lockOf(name), { mode: "shared", signal }, () => {
      return new Promise<void>((end) => {
        begin(() => {
          end();
          return released;
        });
      });
    });
    released.catch(refuse);
  });
}

function lockOf(name: string): string {
  return `zoetrope-use ${name}`;
}
