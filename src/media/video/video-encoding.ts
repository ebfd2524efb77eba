/** Encodes a clip as an MP4 or WebM file with the browser's own encoder (WebCodecs). */
import { BufferTarget, Mp4OutputFormat, Output, Quality, VideoSample, VideoSampleSource, WebMOutputFormat } from "mediabunny";
import { ZoetropeError } from "../../core/errors.ts";
import type { ClipEncoder, ClipHead, Pixels, Progress } from "../export/clip-encoder.ts";
import type { VideoContainer, VideoQuality } from "../export/options.ts";
import { encodableCodec } from "./video-codec.ts";

interface VideoChoice {
  readonly format: VideoContainer;
  readonly quality: VideoQuality;
  /** Shown by players. */
  readonly title: string;
}

/** Quality from 0 to 1 on the library's scale, which it translates for each codec. */
const qualityLevels: Readonly<Record<VideoQuality, number>> = { small: 0.4, good: 0.75, best: 1 };

export class VideoEncoding implements ClipEncoder {
  readonly #head: ClipHead;
  readonly #output: Output<Mp4OutputFormat | WebMOutputFormat, BufferTarget>;
  readonly #source: VideoSampleSource;
  readonly #onProgress: Progress;
  #count = 0;

  /** @throws ZoetropeError `export/no-video-encoder` */
  static async begin(head: ClipHead, choice: VideoChoice, onProgress: Progress): Promise<VideoEncoding> {
    const codec = await encodableCodec(choice.format, head);
    if (codec === null) {
      throw new ZoetropeError("export/no-video-encoder", {
        message: `This browser cannot encode ${choice.format === "mp4" ? "H.264" : "WebM"} video of this size.`,
        hint: "Choose another format.",
      });
    }
    const format = choice.format === "mp4" ? new Mp4OutputFormat({ fastStart: "in-memory" }) : new WebMOutputFormat();
    const output = new Output({ format, target: new BufferTarget() });
    const source = new VideoSampleSource({ codec, quality: new Quality(qualityLevels[choice.quality]) });
    output.addVideoTrack(source, { frameRate: head.fps });
    output.setMetadataTags({ title: choice.title, comment: head.settings });
    await output.start();
    return new VideoEncoding(head, output, source, onProgress);
  }

  private constructor(
    head: ClipHead,
    output: Output<Mp4OutputFormat | WebMOutputFormat, BufferTarget>,
    source: VideoSampleSource,
    onProgress: Progress,
  ) {
    this.#head = head;
    this.#output = output;
    this.#source = source;
    this.#onProgress = onProgress;
  }

  /** Resolves when the encoder has room for the next. */
  async addFrame(pixels: Pixels): Promise<void> {
    const { width, height, fps, frameCount } = this.#head;
    const timestamp = this.#count / fps;
    const sample = new VideoSample(pixels, {
      format: "RGBA",
      codedWidth: width,
      codedHeight: height,
      timestamp,
      duration: 1 / fps,
    });
    await this.#source.add(sample);
    sample.close();
    this.#count += 1;
    this.#onProgress(this.#count / frameCount);
  }

  async finish(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#output.finalize();
    return new Uint8Array(this.#output.target.buffer!);
  }
}
