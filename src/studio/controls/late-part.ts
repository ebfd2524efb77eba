/** Parts of the page that its start does not wait for: fetched once the page is at rest, or when one is first needed. */
import { ZoetropeError } from "../../core/errors.ts";

export interface LatePart<T> {
  /** null: it has not been fetched yet. */
  now(): T | null;
  /** @throws ZoetropeError `page/part` if it cannot be fetched; the next call tries again */
  fetched(): Promise<T>;
}

/** A person may begin at once, and the page draws first that it is ready. */
const REST_MS = 1000;

const parts = new Set<LatePart<unknown>>();

export function latePart<T>(load: () => Promise<T>): LatePart<T> {
  let here: T | null = null;
  let coming: Promise<T> | null = null;
  const part: LatePart<T> = {
    now: () => here,
    fetched: () => {
      coming ??= load().then(
        (loaded) => {
          here = loaded;
          return loaded;
        },
        (cause: unknown) => {
          coming = null;
          throw notFetched(cause);
        },
      );
      return coming;
    },
  };
  parts.add(part);
  return part;
}

/**
 * Called once the engine is ready: fetches all parts, one in each quiet moment of the page. One that cannot be fetched now is
 * asked for again when it is needed.
 */
export async function fetchLateParts(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  for (const part of parts) {
    await quietMoment();
    await part.fetched().catch(() => undefined);
  }
}

export function notFetched(cause: unknown): ZoetropeError {
  return new ZoetropeError("page/part", {
    message: "A part of the page could not be fetched.",
    hint: "Check the connection and reload the page; your settings are kept.",
    cause,
  });
}

function quietMoment(): Promise<void> {
  // Safari has no requestIdleCallback.
  return new Promise((resolve) =>
    "requestIdleCallback" in window ? requestIdleCallback(() => resolve()) : setTimeout(resolve, 50),
  );
}
