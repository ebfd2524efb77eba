/** The pictures worker: reads one picture or GIF, then is thrown away. */
import { expose } from "comlink";
import { pictureBlobs } from "../src/studio/import/picture-blobs.ts";

const api = { read: (file: File) => pictureBlobs(file) };

export type PicturesWorker = typeof api;

expose(api);
