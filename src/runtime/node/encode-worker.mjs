// Entry of an encode worker: runs the TypeScript sources as they are, like the command line.
import { register } from "tsx/esm/api";

register();
await import("./encode-worker.ts");
