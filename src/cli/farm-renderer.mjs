// The program of a farm's render process: runs the TypeScript sources as they are.
import { register } from "tsx/esm/api";

register();
await import("./farm-renderer.ts");
