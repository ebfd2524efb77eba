/** Finds an installed Chromium for the browser tests, or installs Debian's package. */

import { execFileSync } from "node:child_process";
import { findChromium } from "./find-chromium.ts";

if (findChromium() === null) {
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: "inherit" });
  } catch {
    console.error(
      "The browser tests need Chromium: install it (Debian: apt-get install chromium), or set PLAYWRIGHT_CHROMIUM to its path.",
    );
    process.exit(1);
  }
}
