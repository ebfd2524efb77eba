/** File formats: weights, "parameters" text, GIFs, jobs. */

export { type ByteSource, blobSource, bufferSource } from "../formats/byte-source.ts";
export { type Infotext, parseInfotext, writeInfotext } from "../formats/infotext/infotext.ts";
export { openTensorFile } from "../formats/open-tensor-file.ts";
export { encodeSafetensors } from "../formats/safetensors/writer.ts";
export type { TensorFile } from "../formats/tensor-file.ts";
export type { Job } from "../jobs/job.ts";
export { parseJob, parseJobLines, writeJob } from "../jobs/parse-job.ts";
export { decodeGif } from "../media/gif/decode.ts";
export { gifDelays } from "../media/gif/delays.ts";
export { defaultGifEncoding, encodeGif, type GifClip } from "../media/gif/encode-gif.ts";
export { toRgba } from "../media/pixels.ts";
export { parseSettingsText, settingsText } from "../media/settings-text.ts";
