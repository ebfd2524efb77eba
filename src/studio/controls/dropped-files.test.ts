import { expect, it } from "vitest";
import { filesOfClipboard } from "./dropped-files.ts";

const picture = new File(["…"], "image.png", { type: "image/png" });
const clipboard = (files: readonly File[], ...types: readonly string[]) => ({ files, types }) as unknown as DataTransfer;

it("a copied picture or file is pasted as a file, whatever types come along", () => {
  const taken = [{ path: "image.png", file: picture }];
  expect(filesOfClipboard(clipboard([picture], "Files"))).toEqual(taken);
  expect(filesOfClipboard(clipboard([picture], "text/html", "Files"))).toEqual(taken);
  expect(filesOfClipboard(clipboard([picture], "text/plain", "Files"))).toEqual(taken);
});

it("a copied piece of a document is pasted as text", () => {
  expect(filesOfClipboard(clipboard([picture], "text/plain", "text/html", "Files"))).toEqual([]);
  expect(filesOfClipboard(clipboard([], "text/plain"))).toEqual([]);
});
