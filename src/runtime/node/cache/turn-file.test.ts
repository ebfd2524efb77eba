import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeTurn } from "./turn-file.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zoetrope-turn-"));
  path = join(folder, "converting");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("the second waits until the first has ended", async () => {
  const order: string[] = [];
  const end = await takeTurn(path, new AbortController().signal);
  const second = takeTurn(path, new AbortController().signal).then((endSecond) => {
    order.push("second");
    endSecond();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  order.push("first ends");
  end();
  await second;
  expect(order).toEqual(["first ends", "second"]);
  expect(existsSync(path)).toBe(false);
});

it("a file whose process has ended is no obstacle", async () => {
  await writeFile(path, `${hostname().replaceAll(/[^\w.-]/g, "_")},999999999,a`);
  (await takeTurn(path, new AbortController().signal))();
});

it("who waits can be stopped", async () => {
  const end = await takeTurn(path, new AbortController().signal);
  const stop = new AbortController();
  const waiting = takeTurn(path, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  end();
});
