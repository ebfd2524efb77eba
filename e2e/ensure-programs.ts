/** Installs Debian's packages of the named programs where none is found. */

import { execFileSync } from "node:child_process";
import { findProgram, type Program, programs } from "./find-program.ts";

const missing = (process.argv.slice(2) as Program[]).filter((program) => findProgram(program) === null);
if (missing.length > 0) {
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { stdio: "inherit" });
  } catch {
    for (const program of missing)
      console.error(
        `The tests need ${program}: install it (Debian: apt-get install ${program}), or set ${programs[program].variable} to its path.`,
      );
    process.exit(1);
  }
}
