/** "Get models": a set comes from another host over a broken connection and ends in an animation; hosts that refuse are explained. */

import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { clearEngineLog } from "./testing/engine-log.ts";
import { kitFile } from "./testing/model-files.ts";
import { type ModelHost, openModelHost, TOKEN } from "./testing/model-host.ts";
import type { Studio } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

// Playwright's routes do not see what a service worker fetches.
test.use({ serviceWorkers: "block" });

/** Its name makes it a module for few steps. */
const lightning = { ...kitFile("motion-v2"), name: "animatediff_lightning_4step.safetensors" };
const files = [kitFile("tiny-sd15"), lightning, kitFile("lora-kohya")] as const;
const [checkpoint, motion, lora] = files;
const half = checkpoint.bytes.byteLength >> 1;

let host: ModelHost;
test.beforeEach(async ({ page, expectComplaints }) => {
  host = await openModelHost(...files, { ...lora, name: "wrong.safetensors" });
  // The browser logs this host's errors, and the page says how to solve them.
  expectComplaints(/127\.0\.0\.1:(?!4680)/);
  await page.route("**/catalogue.json", (route) => route.fulfill({ json: catalogueOf(host.url) }));
});
test.afterEach(() => host.close());

test("a set is fetched over a broken connection, converted, chosen and animated", async ({ studio, page }) => {
  await studio.open();
  await openCatalogue(studio);
  expect(host.ranges).toEqual([]);
  await studio.button("Get Tiny set").click();
  await expect(studio.dialog().getByRole("listitem")).toHaveCount(3);
  await expect(studio.dialog()).toContainText("lora-kohya at 0.5");
  const fetchButton = studio.dialog().getByRole("button", { name: /^Fetch / });
  await expect(fetchButton).toBeDisabled();
  expect(host.ranges).toEqual([]);

  host.halfWay("cut");
  await studio
    .dialog()
    .getByRole("checkbox", { name: /accept the licences: Apache-2\.0; MIT/ })
    .check();
  await fetchButton.click();
  await expect(studio.dialog().getByRole("heading", { name: "Tiny set is ready" })).toBeVisible({ timeout: 120_000 });
  // Each file comes by a redirect to another origin; the first continues there after the cut.
  expect(host.ranges).toEqual([null, `bytes=${half}-`, null, null]);
  await clearEngineLog(page);
  await studio.button("Make an animation").click();
  const { frames } = await studio.renderingEnded();
  expect(frames.length).toBe(4);
  // The set says the size; the module's own name says how it is sampled.
  expect(await studio.fieldValues()).toMatchObject({
    Width: "64",
    Height: "64",
    Frames: "4",
    Steps: "4",
    CFG: "1",
    Sampler: "euler_trailing",
  });
  await expect(studio.select("Checkpoint").locator("option:checked")).toHaveText("tiny-sd15");
  await expect(studio.select("Motion").locator("option:checked")).toHaveText("animatediff_lightning_4step");
  await expect(studio.switch("Use lora-kohya")).toBeChecked();
  await expect(studio.field("LoRA weight: lora-kohya")).toHaveValue("0.5");

  // The set is recognised on the shelf and costs nothing a second time.
  await page.reload();
  await studio.started();
  await openCatalogue(studio);
  await studio.button("Use Tiny set").click();
  await studio.dialog().getByRole("button", { name: "Use", exact: true }).click();
  await expect(studio.dialog().getByRole("heading", { name: "Tiny set is ready" })).toBeVisible();
  expect(host.ranges.length).toBe(4);
});

test("a cancelled set resumes where it was, in the background, and a file with another SHA-256 is thrown away", async ({
  studio,
}) => {
  await studio.open();
  await openCatalogue(studio);
  host.halfWay("stall", "cut");
  await get(studio, "Wrong file");
  await expect(studio.dialog()).toContainText(/Fetching: .* of /);
  await studio.button("Cancel").click();
  await expect(studio.dialog().getByRole("button", { name: /^Fetch / })).toBeEnabled();
  await studio
    .dialog()
    .getByRole("button", { name: /^Fetch / })
    .click();
  await studio.button("Go on in the background").click();
  await expect(studio.alert()).toContainText(/wrong\.safetensors arrived damaged, or is not the file/);
  expect(host.ranges).toEqual([null, ...Array(2).fill(expect.stringMatching(/^bytes=\d+-$/))]);
});

test("each refusal says in a sentence what to do, and an access token opens a gated file", async ({ studio }) => {
  await studio.open();
  for (const [folder, says] of [
    ["gone", /has no file at this address \(404\)\..*moved/],
    ["closed", /only to people who are signed in there \(403\)\..*access token/],
    ["shut", /too many requests from this connection \(429\)\..*in 10 minutes/],
    ["lost", /sends this file from another host, which does not let other sites read it \(CORS\)\..*drop it here/],
    ["unshared", /it does not let other sites read its files \(CORS\).*drop it here/],
    ["page", /leads to a web page of 127\.0\.0\.1:\d+, not to a file/],
  ] as const) {
    await openCatalogue(studio);
    await get(studio, folder);
    await expect(studio.dialog().getByRole("alert"), folder).toContainText(says);
    await studio.button("Back").click();
    await studio.button("Close").click();
  }
  await openCatalogue(studio);
  await get(studio, "busy");
  await expect(studio.dialog()).toContainText("The host asked to wait a little");
  await expect(studio.dialog().getByRole("heading", { name: "busy is ready" })).toBeVisible({ timeout: 60_000 });
  await studio.button("Close").click();

  await openCatalogue(studio);
  await get(studio, "gated");
  await expect(studio.dialog().getByRole("alert")).toContainText(/only to people who are signed in there \(401\)/);
  await studio.dialog().getByRole("textbox", { name: "Access token" }).fill(TOKEN);
  await studio
    .dialog()
    .getByRole("button", { name: /^Fetch / })
    .click();
  await expect(studio.dialog().getByRole("heading", { name: "gated is ready" })).toBeVisible({ timeout: 60_000 });
});

test("the address of a repository's page lists its files, and the chosen one is verified", async ({ studio, page }) => {
  await studio.open();
  await actAsHub(page, host.url);
  await studio.button("Add by URL").click();
  await studio.dialog().getByRole("textbox", { name: "Address" }).fill("huggingface.co/some/thing");
  await studio.button("Fetch").click();
  await expect(studio.dialog()).toContainText("some/thing has 2 files. Licence: apache-2.0.");
  await studio.button("Fetch lora-kohya.safetensors").click();
  await studio.answered();
  await studio.add();
  // It was made for another model than Mini, so it stays off.
  await expect(studio.switch("Use lora-kohya")).toBeVisible();
});

test("the address of a model's page at Civitai leads to its files", async ({ studio, page }) => {
  await studio.open();
  await actAsCivitai(page, host.url);
  await studio.button("Add by URL").click();
  await studio.dialog().getByRole("textbox", { name: "Address" }).fill("https://civitai.com/models/42/neon-glow");
  await studio.button("Fetch").click();
  await expect(studio.dialog()).toContainText("Neon glow, v2 has 2 files.");
  await studio.button("Fetch lora-kohya.safetensors").click();
  await studio.answered();
  await studio.add();
  // It was made for another model than Mini, so it stays off.
  await expect(studio.switch("Use lora-kohya")).toBeVisible();
});

test("the catalogue can be hidden, and comes back from “Add by URL”", async ({ studio, page }) => {
  await studio.open();
  await openCatalogue(studio);
  await studio.button("Hide this").click();
  await expect(studio.button("Get models")).toHaveCount(0);
  await page.reload();
  await studio.started();
  await expect(studio.button("Get models")).toHaveCount(0);
  await studio.button("Add by URL").click();
  await studio.button("Get models").click();
  await expect(studio.button("Get Tiny set")).toBeVisible();
  await studio.button("Close").click();
  await expect(studio.button("Get models")).toBeVisible();
  expect(host.ranges).toEqual([]);
});

async function openCatalogue(studio: Studio): Promise<void> {
  await studio.button("Get models").click();
  await expect(studio.dialog().getByRole("list", { name: "Sets" })).toBeVisible();
}

/** Chooses a single file, accepts its licence and fetches it. */
async function get(studio: Studio, name: string): Promise<void> {
  await studio.button(`Get ${name}`).click();
  await studio
    .dialog()
    .getByRole("checkbox", { name: /accept the licence/ })
    .check();
  await studio
    .dialog()
    .getByRole("button", { name: /^Fetch / })
    .click();
}

function catalogueOf(url: string): object {
  const source = "https://example.org/some/thing";
  const entry = (id: string, path: string, kind: string, bytes: number, more: object = {}) => {
    return { id, name: id, purpose: "For tests.", kind, address: url + path, bytes, licence: "MIT", source, ...more };
  };
  const single = (folder: string) => entry(folder, `${folder}/${lora.name}`, "lora", lora.bytes.byteLength);
  return {
    sets: [
      {
        id: "tiny",
        name: "Tiny set",
        purpose: "Three small files that animate together.",
        files: [{ entry: "tiny-sd15" }, { entry: "lightning" }, { entry: "lora-kohya", weight: 0.5 }],
        settings: { width: 64, height: 64, frames: 4 },
        memoryBytes: 1e9,
      },
    ],
    entries: [
      // The catalogue knows sizes only roughly.
      entry("tiny-sd15", `moved/${checkpoint.name}`, "checkpoint", 1_000_000, { licence: "Apache-2.0" }),
      entry("lightning", `moved/${motion.name}`, "motion", 1_000_000),
      entry("lora-kohya", `moved/${lora.name}`, "lora", 1_000_000),
      entry("Wrong file", `file/wrong.safetensors`, "lora", 1_000_000, { sha256: "0".repeat(64) }),
      ...["gone", "gated", "closed", "busy", "shut", "lost", "unshared", "page"].map(single),
    ],
  };
}

/** Answers as civitai.com does: its API names the files of the newest version, whose addresses redirect to another origin. */
async function actAsCivitai(page: Page, url: string): Promise<void> {
  const shared = { "Access-Control-Allow-Origin": "*" };
  const address = (id: number) => `https://civitai.com/api/download/models/${id}`;
  const SHA256 = createHash("sha256").update(lora.bytes).digest("hex").toUpperCase();
  const versionFiles = [
    { name: motion.name, type: "Model", downloadUrl: address(8) },
    { name: lora.name, type: "Model", primary: true, downloadUrl: address(7), hashes: { SHA256 } },
    { name: "pictures.zip", type: "Training Data", downloadUrl: address(9) },
  ];
  await page.context().route("https://civitai.com/**", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/api/v1/models/42") {
      const json = { name: "Neon glow", modelVersions: [{ id: 7, name: "v2", files: versionFiles }] };
      return route.fulfill({ headers: shared, json });
    }
    return route.fulfill({ status: 302, headers: { ...shared, Location: `${url}file/${lora.name}` } });
  });
}

/** Answers as huggingface.co does: its API lists the files, and "resolve" redirects to another origin. */
async function actAsHub(page: Page, url: string): Promise<void> {
  const shared = { "Access-Control-Allow-Origin": "*" };
  const siblings = [lora, motion].map(({ name, bytes }) => ({ rfilename: name, size: bytes.byteLength }));
  await page.context().route("https://huggingface.co/**", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith("/api/")) {
      const json = { siblings: [{ rfilename: "README.md" }, ...siblings], cardData: { license: "apache-2.0" } };
      return route.fulfill({ headers: shared, json });
    }
    const name = pathname.slice(pathname.lastIndexOf("/") + 1);
    return route.fulfill({ status: 302, headers: { ...shared, Location: `${url}file/${name}` } });
  });
}
