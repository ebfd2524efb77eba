/** The pictures worker: reads one picture or GIF, then the page ends it. */
import { expose } from "../src/bridge/comlink.ts";
import { pictureBlobs } from "../src/media/png/picture-blobs.ts";
import type { PicturesApi } from "../src/protocol/pictures.ts";

const api: PicturesApi = { read: pictureBlobs };

expose(api);
