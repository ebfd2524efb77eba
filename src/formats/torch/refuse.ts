/** Sentences about PyTorch files that are not opened. */

import { ZoetropeError } from "../../core/errors.ts";

export const DOWNLOAD_AGAIN = "Download it again or take another copy.";

/** @throws ZoetropeError `torch/damaged`: "FILE problem." */
export function refuseDamaged(fileName: string, problem: string): never {
  throw new ZoetropeError("torch/damaged", {
    message: `${fileName} is damaged or was made to do harm: it ${problem}.`,
    hint: DOWNLOAD_AGAIN,
  });
}

/** @throws ZoetropeError `torch/unsupported`: "FILE is …." */
export function refuseUnsupported(fileName: string, is: string, hint: string): never {
  throw new ZoetropeError("torch/unsupported", { message: `${fileName} ${is}.`, hint });
}

/** @throws ZoetropeError `torch/cut-short`: "FILE is cut short: …." */
export function refuseCutShort(fileName: string, problem: string): never {
  throw new ZoetropeError("torch/cut-short", {
    message: `${fileName} is cut short: ${problem}.`,
    hint: "The download stopped early. Download it again.",
  });
}

const LONGEST_NAME = 100;

/** A name out of the file, fit to stand inside one line of a message. */
export function quotable(name: string): string {
  const printable = name.replaceAll(/[^\x20-\x7e\u00a1-\u1fff\u3040-\ud7ff]/g, "?");
  return printable.length <= LONGEST_NAME ? printable : `${printable.slice(0, LONGEST_NAME - 1)}…`;
}
