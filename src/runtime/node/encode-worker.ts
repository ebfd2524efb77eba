/** A worker thread that encodes weights for the thread that packs them. */

import { parentPort } from "node:worker_threads";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { expose } from "../../bridge/comlink.ts";
import { encodeApi } from "../engine/encode-pool.ts";

expose(encodeApi, nodeEndpoint(parentPort!));
