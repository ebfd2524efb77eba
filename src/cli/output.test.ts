import { expect, it } from "vitest";
import { checkFrames, outputFormat, outputNotice } from "./output.ts";

it("the ending names the format, and a path without one is a folder", () => {
  expect(["a.gif", "A.GIF", "b/c.png", "c.apng", "frames", "frames/", "v1.5/", "run.7"].map(outputFormat)).toEqual([
    ...["gif", "gif", "png", "apng"],
    ...["folder", "folder", "folder", "folder"],
  ]);
});

it("an ending that cannot be written is refused with those that can", () => {
  for (const out of ["clip.mp4", "clip.WEBP", "a/clip.webm", "clip.jpg", "clip.avif"])
    expect(() => outputFormat(out), out).toThrow(/does not write (MP4|WEBP|WEBM|JPG|AVIF) files/);
  expect(() => outputFormat("clip.mp4")).toThrow(expect.objectContaining({ hint: expect.stringContaining(".gif, an .apng") }));
});

it("a PNG takes a single frame", () => {
  expect(() => checkFrames("a.png", "png", 1)).not.toThrow();
  expect(() => checkFrames("a.png", "png", 2)).toThrow("a PNG holds one picture, and the animation has 2 frames");
  expect(() => checkFrames("a.apng", "apng", 2)).not.toThrow();
});

it("says that a GIF is slower than asked above 50 frames per second", () => {
  expect(outputNotice("gif", 60)).toContain("50 frames per second instead of 60");
  expect([outputNotice("gif", 50), outputNotice("folder", 60)]).toEqual([null, null]);
});
