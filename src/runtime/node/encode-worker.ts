/** Encodes weights for the thread that packs. */

import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { encodeApi } from "../engine/encode-pool.ts";

expose(encodeApi, nodeEndpoint(parentPort!));
