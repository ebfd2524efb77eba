/** An encode worker: encodes weights for the inference worker, which ends it when the conversion is done. */
import { expose } from "../src/bridge/comlink.ts";
import { encodeApi } from "../src/runtime/engine/encode-pool.ts";

expose(encodeApi);
