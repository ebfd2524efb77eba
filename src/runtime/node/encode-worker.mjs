// Entry of an encode worker: runs the TypeScript sources as they are, like the command line.
import { register } from "tsx/esm/api";

register();
// The library in dist-lib/ starts this file, too; from both places this path leads to the sources.
await import("../../../src/runtime/node/encode-worker.ts");
