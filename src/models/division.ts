/** Widths must divide into the heads and norm groups a configuration names; a wrong one would give noise, not an error. */

import { ZoetropeError } from "../core/errors.ts";

/** @param parts what the widths are divided into: a number for each width, or one for all */
export function checkDivision(
  widths: readonly number[],
  parts: number | readonly number[],
  what: string,
  fileName: string,
): void {
  for (const [i, width] of widths.entries()) {
    const count = typeof parts === "number" ? parts : parts[i]!;
    if (count > 0 && width % count === 0) continue;
    throw new ZoetropeError("model/bad-config", {
      message: `${fileName}: ${width} channels cannot be split into ${count} ${what}.`,
      hint: "The model is not of the SD 1.x family, or its config.json belongs to another. Drop the whole folder from one download.",
    });
  }
}
