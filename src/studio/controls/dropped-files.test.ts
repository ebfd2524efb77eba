import { expect, it } from "vitest";
import { filesOfClipboard } from "./dropped-files.ts";

const picture = new File(["…"], "image.png", { type: "image/png" });
const clipboard = (files: readonly File[], ...types: readonly string[]) => ({ files, types }) as unknown as DataTransfer;

it("a copied picture or file is pasted as what it is, whatever is told along with it", () => {
  const taken = [{ path: "image.png", file: picture }];
  expect(filesOfClipboard(clipboard([picture], "Files"))).toEqual(taken);
  expect(filesOfClipboard(clipboard([picture], "text/html", "Files"))).toEqual(taken);
  expect(filesOfClipboard(clipboard([picture], "text/plain", "Files"))).toEqual(taken);
});

it("a piece of a document is meant as text", () => {
  expect(filesOfClipboard(clipboard([picture], "text/plain", "text/html", "Files"))).toEqual([]);
  expect(filesOfClipboard(clipboard([], "text/plain"))).toEqual([]);
});
