/** Finds an installed Redis or Valkey server for the tests of the farm, or installs Debian's package. */

import { execFileSync } from "node:child_process";
import { findRedis } from "./find-redis.ts";

if (findRedis() === null) {
  try {
    execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"], { stdio: "inherit" });
  } catch {
    console.error(
      "The tests of the farm need Redis or Valkey: install it (Debian: apt-get install redis-server), or set REDIS_SERVER to its path.",
    );
    process.exit(1);
  }
}
