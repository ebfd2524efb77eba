import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { DownloadApi, RemoteModel } from "../../protocol/download.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { LastRun } from "../store/device.ts";
import { parseCatalogue } from "./parse-catalogue.ts";
import { bytesToFetch, foreseenMs, planSet, roomForBytes, withHostsFacts } from "./plan.ts";

const shipped = JSON.parse(readFileSync(new URL("../../../public/catalogue.json", import.meta.url), "utf8"));
const entry = shipped.entries[0];
const catalogue = parseCatalogue(shipped);

it("the shipped catalogue is well-formed, and every set can animate", () => {
  expect(catalogue.sets.map(({ id }) => id)).toEqual(["few-steps", "classic", "smoothest"]);
  for (const { files, settings } of catalogue.sets) {
    const kinds = files.map(({ entry }) => entry.kind);
    expect(kinds).toContain("checkpoint");
    expect(kinds).toContain("motion");
    expect(settings).toMatchObject({ width: 512, height: 512, frames: 16 });
  }
});

it.each([
  ["an entry without a licence", { entries: [{ ...entry, licence: "" }], sets: [] }, "has no licence"],
  ["an unknown kind", { entries: [{ ...entry, kind: "song" }], sets: [] }, "unknown kind, “song”"],
  ["an address without https", { entries: [{ ...entry, address: "ftp://a.b/c" }], sets: [] }, "no https address"],
  ["an unknown setting", { entries: [{ ...entry, settings: { stepz: 4 } }], sets: [] }, "unknown setting, “stepz”"],
  ["a setting out of range", { entries: [{ ...entry, settings: { steps: 0 } }], sets: [] }, "Steps must be"],
  ["a size that is none", { entries: [{ ...entry, bytes: "2 GB" }], sets: [] }, "no number of bytes"],
  ["two entries with one id", { entries: [entry, entry], sets: [] }, "two entries with one id"],
  ["a set of unknown files", { entries: [], sets: [{ id: "a", name: "A", purpose: "p", files: [{ entry: "x" }] }] }, "“x”"],
])("%s is refused with a sentence", (_, json, says) => {
  expect(() => parseCatalogue(json)).toThrow(says);
});

it("a plan counts what is not on the shelf, and the room for files, weights and the largest download", () => {
  const [few] = catalogue.sets;
  const [checkpoint, motion] = few!.files.map(({ entry }) => entry);
  const all = planSet(few!, [], {});
  expect(bytesToFetch(all)).toBe(checkpoint!.bytes + motion!.bytes);
  expect(roomForBytes(all)).toBe(Math.round(bytesToFetch(all) * 1.65 + checkpoint!.bytes));
  const shelf = [{ id: "here" } as ShelfItem];
  const rest = planSet(few!, shelf, { [checkpoint!.address]: "here", [motion!.address]: "removed" });
  expect(rest.files.map(({ shelfId }) => shelfId)).toEqual(["here", null]);
  expect(bytesToFetch(rest)).toBe(motion!.bytes);
});

it("the hosts' own sizes and SHA-256 replace the catalogue's, and a silent host changes nothing", async () => {
  const plan = planSet(catalogue.sets[0]!, [], {});
  const [first, second] = plan.files;
  const find = async (address: string): Promise<RemoteModel> => {
    if (address !== first!.entry.address) throw new Error("no answer");
    return { title: "", page: "", licence: null, gated: false, files: [{ address, name: null, bytes: 123, sha256: "ab" }] };
  };
  const exact = await withHostsFacts(plan, { find } as Partial<DownloadApi> as DownloadApi);
  expect(exact.files[0]).toMatchObject({ bytes: 123, exact: true, sha256: "ab" });
  expect(exact.files[1]).toEqual(second);
});

it("the time of a clip follows parameters, pixels, steps and guidance of the last animation on the same device", () => {
  const shelf = [{ id: "mini", size: { parameters: 1.33e7 } } as ShelfItem];
  const last = {
    backend: "webgpu",
    request: {
      models: { checkpoint: "mini", motion: null },
      settings: { frames: 16, width: 128, height: 128, steps: 20, cfgScale: 7.5 },
    },
    timingsMs: { denoise: 1000, decode: 50 },
  } as unknown as LastRun;
  const settings = { frames: 16, width: 512, height: 512, steps: 4, cfgScale: 1 };
  // 100 × the parameters, 16 × the pixels, a tenth of the UNet's runs
  expect(foreseenMs(settings, last, "webgpu", shelf)).toBeCloseTo(100 * 16 * (1000 / 10 + 50), 6);
  expect(foreseenMs(settings, last, "wasm", shelf)).toBeNull();
  expect(foreseenMs(settings, null, "webgpu", shelf)).toBeNull();
});
