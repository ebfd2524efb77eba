/** The page of `zoetrope serve` hands an animation to the machine that serves it, and makes it here when that machine is away. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { decodePng } from "../src/formats/png/reader.ts";
import { expect, test } from "./testing/studio-test.ts";

const CLI = fileURLToPath(new URL("../src/cli/zoetrope.mjs", import.meta.url));
const TINY = { Width: 64, Height: 64, Frames: 4, Steps: 3, Seed: 7 };
const results = mkdtempSync(join(tmpdir(), "zoetrope-farm-"));
let server: ChildProcess;
let address: string;

test.beforeAll(async () => {
  const args = ["serve", "--port", "0", "--results", results, "--threads", "1", "--no-cache"];
  server = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  address = await new Promise((resolve) => createInterface({ input: server.stdout! }).once("line", resolve));
});
test.afterAll(() => server.kill());

test("an animation is made by the farm with previews, and the page goes back to its own device when the farm is away", async ({
  studio,
  page,
  expectComplaints,
}) => {
  await page.goto(address);
  await studio.started();
  await page.getByRole("button", { name: /^(Processor|GPU)/ }).click();
  await studio.select("Render on").selectOption({ label: "A farm" });
  await expect(page.getByRole("textbox", { name: "Address" })).toHaveValue(new URL(address).origin);
  await studio.button("Connect").click();
  await expect(page.getByText("Connected: the next animation is made there.")).toBeVisible();
  await expect(page.getByText("Prompts, pictures and LoRAs go to the farm at")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: /^Farm: 127/ })).toBeVisible();

  await studio.prompt("a red ball bouncing on a blue background");
  await studio.set(TINY);
  await studio.button("Generate").click();
  const history = studio.region("History").getByRole("button", { name: /^Show: / });
  await expect(history).toHaveCount(1, { timeout: 120_000 });
  const [clip, ...others] = readdirSync(results).filter((name) => name.endsWith(".apng"));
  expect(others).toEqual([]);
  const { width, height, frames } = decodePng(new Uint8Array(readFileSync(join(results, clip!))));
  expect({ width, height, frames: [...frames].length }).toEqual({ width: 64, height: 64, frames: 4 });

  await test.step("a LoRA that only this browser has is sent", async () => {
    const bytes = new Uint8Array(readFileSync(new URL("../public/models/mini/loras/neon.safetensors", import.meta.url)));
    await studio.choose({ name: "mine.safetensors", bytes });
    await studio.add();
    await expect(studio.switch("Use mine")).toBeChecked();
    await studio.button("Generate").click();
    await expect(history).toHaveCount(2, { timeout: 120_000 });
    expect(readdirSync(join(results, "sent")).filter((name) => name.endsWith(".json"))).toHaveLength(1);
    await studio.switch("Use mine").click();
  });

  await test.step("the choice is remembered", async () => {
    await page.reload();
    await expect(page.getByRole("button", { name: /^Farm: 127/ })).toBeVisible({ timeout: 60_000 });
  });

  await test.step("a farm that is gone is named, and the page goes back to its own device", async () => {
    expectComplaints(/ERR_CONNECTION_REFUSED|api\//);
    server.kill();
    await new Promise((resolve) => server.once("exit", resolve));
    await studio.set({ ...TINY, Seed: 8 });
    await studio.button("Generate").click();
    await expect(studio.alert()).toContainText("does not answer");
    await expect(page.getByRole("button", { name: /^(Processor|GPU)/ })).toBeVisible();
  });
});
