// The program of a process of the shared cache's trial: runs the TypeScript sources as they are.
import { register } from "tsx/esm/api";

register();
await import("./cache-child.ts");
