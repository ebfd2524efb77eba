/** An encode worker: turns weights into the bytes of their encoding for the worker that converts, then is thrown away. */
import { expose } from "comlink";
import { encodeApi } from "../src/runtime/engine/encode-pool.ts";

expose(encodeApi);
