/** Web Locks for tests on Node: shared or exclusive, waiting or not. As in a browser, a lock is granted and released one task later. */

interface Held {
  readonly mode: LockMode;
}

export function fakeLocks(): Pick<LockManager, "request"> {
  const held = new Map<string, Set<Held>>();
  const free = (name: string, mode: LockMode) => {
    const others = [...(held.get(name) ?? [])];
    return mode === "shared" ? others.every((other) => other.mode === "shared") : others.length === 0;
  };
  async function request<T>(name: string, ...rest: [LockGrantedCallback<T>] | [LockOptions, LockGrantedCallback<T>]): Promise<T> {
    const [{ mode = "exclusive", ifAvailable = false }, task] = rest.length === 1 ? [{}, rest[0]] : rest;
    await nextTask();
    while (!free(name, mode)) {
      if (ifAvailable) return task(null);
      await nextTask();
    }
    const lock = { mode, name };
    held.set(name, (held.get(name) ?? new Set()).add(lock));
    try {
      return await task(lock);
    } finally {
      await nextTask();
      held.get(name)!.delete(lock);
    }
  }
  return { request: request as LockManager["request"] };
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
