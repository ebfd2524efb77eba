/** Reads JSON from the public API of a model host. */

import { ZoetropeError } from "../../../core/errors.ts";
import { refusal, unreachable } from "./download-errors.ts";
import type { AccessTokens } from "./model-hosts.ts";
import type { ReadJson } from "./model-pages.ts";

/** @returns a function that throws ZoetropeError `download/…`, or the signal's reason */
export function jsonReader(tokens: AccessTokens, signal: AbortSignal): ReadJson {
  return async (asked) => {
    const { url, headers } = tokens.authorise(asked);
    const response = await fetch(url, { signal, headers }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw unreachable(asked, false, cause);
    });
    const problem = refusal(asked, response, tokens.has(asked));
    if (problem !== null) throw problem;
    return response.json().catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ZoetropeError("download/refused", {
        message: `${asked.host} did not answer with a list of files.`,
        hint: "Try again later, or paste the address of the file itself.",
        cause,
      });
    });
  };
}
