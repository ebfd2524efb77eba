/** The history worker: keeps finished animations. */
import { expose } from "../src/bridge/comlink.ts";
import { HistoryService } from "./history-service.ts";

expose(new HistoryService());
