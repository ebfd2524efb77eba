/**
 * Pictures of a file as the installed ffmpeg decodes it: videos, and pictures that are neither PNG nor GIF. ffmpeg turns them as
 * their orientation says. They arrive as PAM (Netpbm's format with alpha), which names the size of each.
 */

import { spawn } from "node:child_process";
import { ZoetropeError } from "../core/errors.ts";
import { MOST_PIXELS } from "../formats/most-pixels.ts";

export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  /** [H, W, 4] */
  readonly rgba: Uint8Array;
}

const END_OF_HEAD = "ENDHDR\n";
const LONGEST_HEAD = 200;

/**
 * @param fps how often to look at a video; null for every picture of the file
 * @throws ZoetropeError `picture/no-ffmpeg`, `picture/unusable`
 */
export async function* ffmpegPictures(path: string, fps: number | null): AsyncGenerator<RgbaPicture> {
  const rate = fps === null ? [] : ["-vf", `fps=${fps}`];
  // Only files: a playlist must not make ffmpeg open addresses.
  const from = ["-protocol_whitelist", "file,pipe", "-i", `file:${path}`];
  const to = ["-f", "image2pipe", "-c:v", "pam", "-pix_fmt", "rgba", "-"];
  const child = spawn(process.env.FFMPEG ?? "ffmpeg", ["-v", "error", "-nostdin", ...from, "-an", ...rate, ...to], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  ended.catch(() => undefined); // awaited below, unless the caller has seen enough
  try {
    let count = 0;
    for await (const picture of pamPictures(child.stdout, path)) {
      count++;
      yield picture;
    }
    if ((await ended) !== 0 || count === 0) throw unreadable(path, complaint);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw missing(path, cause);
    throw cause;
  } finally {
    child.kill();
  }
}

/** Splits a stream of PAM pictures. */
async function* pamPictures(stream: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<RgbaPicture> {
  let rest = Buffer.alloc(0);
  /** Chunks that a picture still waits for are joined only once. */
  let waiting: Uint8Array[] = [];
  let needed = 1;
  let have = 0;
  for await (const chunk of stream) {
    waiting.push(chunk);
    have += chunk.length;
    if (have < needed) continue;
    rest = Buffer.concat([rest, ...waiting]);
    waiting = [];
    for (let head = pamHead(rest, path); head !== null && rest.length >= head.end; head = pamHead(rest, path)) {
      yield { width: head.width, height: head.height, rgba: Uint8Array.from(rest.subarray(head.start, head.end)) };
      rest = rest.subarray(head.end);
    }
    needed = pamHead(rest, path)?.end ?? rest.length + 1;
    have = rest.length;
  }
}

function pamHead(bytes: Buffer, path: string) {
  const text = bytes.toString("latin1", 0, LONGEST_HEAD);
  const length = text.indexOf(END_OF_HEAD);
  if (length < 0) return null;
  const [width, height] = [/WIDTH (\d+)/, /HEIGHT (\d+)/].map((pattern) => Number(pattern.exec(text)?.[1]));
  if (width! * height! > MOST_PIXELS) {
    throw new ZoetropeError("picture/unusable", {
      message: `${path} is ${width}×${height}, more than can be read.`,
      hint: "Scale it down.",
    });
  }
  const start = length + END_OF_HEAD.length;
  return { width: width!, height: height!, start, end: start + 4 * width! * height! };
}

function missing(path: string, cause: unknown): ZoetropeError {
  return new ZoetropeError("picture/no-ffmpeg", {
    message: `${path} is neither PNG nor GIF, and ffmpeg, which reads other pictures and videos, is not installed.`,
    hint: "Install it (apt-get install ffmpeg, brew install ffmpeg), set FFMPEG to its path, or convert the file to PNG or GIF.",
    cause,
  });
}

function unreadable(path: string, complaint: string): ZoetropeError {
  const reason = complaint
    .trim()
    .split("\n")
    .at(-1)
    ?.replaceAll(`file:${path}`, "")
    .replace(/^[:\s]+/, "");
  return new ZoetropeError("picture/unusable", {
    message: `${path} could not be read as a picture or video${reason ? ` (ffmpeg: ${reason.replace(/\.$/, "")})` : ""}.`,
    hint: "Convert it to PNG, GIF or MP4.",
  });
}
