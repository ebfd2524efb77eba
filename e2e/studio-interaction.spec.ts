/** Details of interaction: focus, Escape, pasting, sentences on hover, and a layout that does not move by itself. */

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { framePng } from "../src/media/png/frame-png.ts";
import { kitFile, neonFile } from "./testing/model-files.ts";
import { recordLayoutShifts } from "./testing/page-records.ts";
import { QUICK, type TestFile } from "./testing/studio.ts";
import { expect, test } from "./testing/studio-test.ts";

test("focus returns when a dialog closes, and Escape leaves a comparison", async ({ studio, page }) => {
  await studio.open();
  await test.step("the address of a file", async () => {
    await studio.button("Add by URL").press("Enter");
    const address = studio.dialog().getByRole("textbox", { name: "Address" });
    await expect(address).toBeFocused();
    await address.fill("somewhere");
    await address.press("Enter");
    await expect(studio.dialog().getByRole("alert")).toBeVisible();
    await expect(address).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(studio.button("Add by URL")).toBeFocused();
  });
  await test.step("a dropped file", async () => {
    await studio.textbox("Prompt").focus();
    await studio.drop(neonFile("ink.safetensors"));
    await page.keyboard.press("Escape");
    await expect(studio.textbox("Prompt")).toBeFocused();
  });
  await test.step("removing a LoRA moves the focus to the shelf", async () => {
    await studio.drop(neonFile("ink.safetensors"));
    await studio.add();
    await studio.button("Remove ink").press("Enter");
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).press("Enter");
    await expect(studio.button("Remove ink")).toBeHidden();
    await expect(studio.region("Shelf")).toBeFocused();
  });
  await test.step("the keys", async () => {
    await studio.button("Undo").evaluate((button) => button.ownerDocument.body.focus());
    await studio.button("Keys").press("Enter");
    await expect(studio.dialog()).toContainText("Play or pause");
    await page.keyboard.press("Escape");
    await expect(studio.button("Keys")).toBeFocused();
  });

  await studio.set({ ...QUICK, Steps: 1 });
  await studio.generate();
  await studio.set({ Seed: 8 });
  await studio.generate();
  await expect(studio.region("History").getByRole("button", { name: /^Show: / })).toHaveCount(2);

  const all = studio.button("All animations");
  await test.step("all animations, and a comparison", async () => {
    await all.press("Enter");
    for (const place of [0, 1]) await studio.dialog().getByRole("checkbox").nth(place).click();
    await studio.dialog().getByRole("button", { name: "Compare" }).click();
    await expect(studio.region("Stage").getByRole("img")).toHaveCount(2);
    await expect(all).toBeFocused();
    await studio.button("One over the other").click();
    const line = page.getByRole("slider", { name: "Line between the animations" });
    await line.focus();
    await page.keyboard.press("Home");
    const first = studio.region("Stage").getByRole("img").last();
    expect(await first.evaluate((it) => getComputedStyle(it).clipPath)).toMatch(/100%|calc\(100% - 0%\)/);
    await page.keyboard.press("End");
    expect(await first.evaluate((it) => getComputedStyle(it).clipPath)).not.toMatch(/inset\(0px (calc\(100% - 0%\)|100%)/);
    await studio.button("One over the other").click();
    await expect(studio.region("Stage").getByRole("listitem")).toHaveCount(2);
    await page.keyboard.press("Escape");
    await expect(studio.region("Stage").getByRole("img")).toHaveCount(1);
  });
  await test.step("a person names an animation, and finds and saves it by that name", async () => {
    await all.press("Enter");
    const renaming = studio.dialog().getByRole("button", { name: "Rename" }).nth(1);
    await renaming.press("Enter");
    const name = studio.dialog().getByRole("textbox", { name: "Name of the animation" });
    await name.fill("never mind");
    await name.press("Escape");
    await expect(renaming).toBeFocused();
    await expect(studio.dialog()).not.toContainText("never mind");
    await renaming.press("Enter");
    await name.fill("First star");
    await name.press("Enter");
    await studio.dialog().getByRole("searchbox").fill("first star");
    await studio.dialog().getByRole("button", { name: "Show: First star, seed 7" }).click();
    await expect(studio.dialog()).toBeHidden();
    expect((await studio.exportGif()).fileName).toBe("first-star-7.gif");
  });
  await test.step("a person undoes a deletion in the dialog, by keyboard and on the page; the focus stays near", async () => {
    const strip = studio.region("History").getByRole("button", { name: /^Show: / });
    await all.press("Enter");
    const entries = studio.dialog().getByRole("listitem");
    await entries.first().getByRole("button", { name: "Delete", exact: true }).press("Enter");
    await expect(entries).toHaveCount(1);
    await expect(entries.first().getByRole("button", { name: /^Show: First star/ })).toBeFocused();
    await studio.dialog().getByRole("button", { name: "Undo" }).press("Enter");
    await expect(entries).toHaveCount(2);
    await page.waitForTimeout(600); // a second deletion at once would count as a double click
    await entries
      .first()
      .getByRole("button", { name: /^Show: / })
      .press("Delete");
    await expect(entries).toHaveCount(1);
    await page.keyboard.press("Control+Z");
    await expect(entries).toHaveCount(2);
    await page.waitForTimeout(600);
    for (const place of [0, 1]) await entries.nth(place).getByRole("checkbox").click();
    await studio.dialog().getByRole("button", { name: "Delete", exact: true }).last().click();
    await expect(studio.dialog()).toContainText("2 animations deleted.");
    await page.keyboard.press("Escape");
    await expect(strip).toHaveCount(0);
    await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
    await expect(strip).toHaveCount(2);
    await strip.nth(1).click();
    await expect(studio.region("Stage").getByRole("img", { name: /^Animation/ })).toBeVisible();
  });
});

test("pasting a picture or settings works anywhere; pasting text goes into the focused field", async ({ studio, page }) => {
  await studio.open();
  const picture = framePng({ width: 8, height: 8, data: new Uint8ClampedArray(8 * 8 * 4).fill(200) });
  await paste(page, { file: { name: "image.png", bytes: picture } });
  await expect(studio.dialog()).toContainText("Begin with this?");
  await studio.dialog().getByRole("button", { name: "Use" }).click();
  await expect(page.getByText(/Begins with image.png/)).toBeVisible();

  await paste(page, { text: "a green car\nNegative prompt: rain\nSteps: 9, Sampler: DDIM, CFG scale: 3, Seed: 11, Size: 64x64" });
  await expect(studio.textbox("Prompt")).toHaveValue("a green car");
  await expect(studio.textbox("Negative prompt")).toHaveValue("rain");
  await expect(studio.field("Steps")).toHaveValue("9");
  await test.step("undo in the untouched prompt field reverts everything that was pasted", async () => {
    const prompt = studio.textbox("Prompt");
    await prompt.press("Control+Z");
    await expect(prompt).not.toHaveValue("a green car");
    await expect(studio.field("Steps")).not.toHaveValue("9");
    await prompt.press("Control+Y");
    await expect(prompt).toHaveValue("a green car");
    await prompt.press("End");
    await prompt.pressSequentially(", fast");
    await prompt.press("Control+Z");
    // The browser decides whether undo reverts one letter or all typing.
    await expect(prompt).toHaveValue(/^a green car.{0,5}$/);
    await expect(studio.field("Steps")).toHaveValue("9");
  });
  await studio.prompt("a green car");
  await paste(page, { text: "just words" });
  await expect(studio.textbox("Prompt")).toHaveValue("a green car");
  await expect(studio.dialog()).toBeHidden();
});

test("an import's messages move nothing, and the page says that a file is already on the shelf", async ({ studio, page }) => {
  const shifts = await recordLayoutShifts(page);
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  await studio.open();
  // The motion module comes first here, before its checkpoint.
  await studio.choose(kitFile("motion-v3"), kitFile("tiny-sd15"));
  await studio.add();
  expect(fetched, "the test sees the workers' requests").toContainEqual(expect.stringMatching(/\.wasm/));
  expect(
    fetched.filter((url) => /safetensors/.test(url)),
    "finding a fit does not fetch Mini",
  ).toEqual([]);
  await expect(page.getByText("motion-v3 fits tiny-sd15, and no other checkpoint here.")).toBeVisible();
  await page.waitForTimeout(300);
  const moved = (await shifts()).filter(({ value }) => value > 0.0005);
  expect(moved, JSON.stringify(moved)).toEqual([]);

  await studio.dismissMessages();
  await studio.choose({ ...kitFile("motion-v3"), name: "another-name.safetensors" });
  await studio.add();
  await expect(page.getByText("Already on the shelf: another-name (as motion-v3).")).toBeVisible();

  await test.step("the checkpoint brings the motion module that fits it", async () => {
    await studio.select("Checkpoint").selectOption({ label: "Mini" });
    await expect(studio.select("Motion").locator("option:checked")).toHaveText("Mini motion");
    await studio.select("Checkpoint").selectOption({ label: "tiny-sd15" });
    await expect(studio.select("Motion").locator("option:checked")).toHaveText("motion-v3");
  });
});

test("a message does not move when others come and go", async ({ studio, page, context }) => {
  await context.grantPermissions(["clipboard-write"]);
  const shifts = await recordLayoutShifts(page);
  await studio.open("as found");
  await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"));
  await studio.add();
  await expect(studio.button("Back to Mini")).toBeVisible();
  await studio.button("Copy link").click();
  const done = page.getByText("The link is copied");
  await expect(done).toBeVisible();
  await expect(done, "it disappears by itself").toBeHidden({ timeout: 15_000 });
  await expect(studio.button("Dismiss")).toHaveCount(2);
  await page.waitForTimeout(300);
  const moved = (await shifts()).filter(({ value }) => value > 0.0002);
  expect(moved, JSON.stringify(moved)).toEqual([]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the newest message stands before the others until a press opens them", async ({ studio, page }) => {
    const shifts = await recordLayoutShifts(page);
    await studio.open("as found");
    await studio.choose(kitFile("tiny-sd15"), kitFile("motion-v3"));
    await studio.add();
    const older = page.getByText("motion-v3 fits tiny-sd15, and no other checkpoint here.").locator("..");
    await expect(studio.button("Back to Mini")).toBeVisible();
    await expect(older, "screen readers still find it").toHaveCSS("opacity", "0");
    await expect(studio.button("Dismiss")).toHaveCount(1);
    await page.waitForTimeout(300);
    const moved = (await shifts()).filter(({ value }) => value > 0.0002);
    expect(moved, JSON.stringify(moved)).toEqual([]);

    await studio.button("1 more").press("Enter");
    await expect(older).toHaveCSS("opacity", "1");
    await expect(studio.button("Back to Mini")).toBeVisible();
    await older.getByRole("button", { name: "Dismiss" }).click();
    await expect(studio.button("Only the newest")).toBeHidden();
    await studio.choose({ ...kitFile("motion-v3"), name: "another-name.safetensors" });
    await studio.add();
    await expect(page.getByText("Already on the shelf: another-name (as motion-v3).")).toBeVisible();
    await page.getByRole("button", { name: /^\d more$/ }).click();
    await studio.button("Dismiss all").press("Enter");
    await expect(studio.button("Dismiss")).toHaveCount(0);
    await expect(studio.button("Generate")).toBeFocused();
  });
});

test("a removable LoRA leaves other rows as they are; its bin appears while the pointer is on its row", async ({
  studio,
  page,
}) => {
  await studio.open();
  const slider = page.getByRole("slider", { name: "LoRA weight: noto", exact: true });
  const track = slider.locator("xpath=../..");
  await studio.switch("Use noto").click();
  const before = (await track.boundingBox())!;
  await studio.choose(neonFile("mine.safetensors"));
  await studio.add();
  await expect(studio.switch("Use mine")).toBeVisible();
  const { x, width } = (await track.boundingBox())!;
  expect({ x, width }).toEqual({ x: before.x, width: before.width });

  const bin = studio.button("Remove mine").locator("..");
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await expect(bin).toHaveCSS("opacity", "0");
  await studio.field("LoRA weight: mine").hover();
  await expect(bin).toHaveCSS("opacity", "1");
});

test("the page names words that the checkpoint does not know, and prompt syntax that only other tools read", async ({
  studio,
  page,
}) => {
  const layoutShifts = await recordLayoutShifts(page);
  await studio.open();
  const { nearest, subjects } = JSON.parse(readFileSync("public/models/mini/words.json", "utf8"));
  const [noun, known] = Object.entries<string>(nearest).find(([word]) => /^[^aeiou ]\w+[^s ]$/.test(word))!;
  await test.step("an unknown noun, and a press that puts the nearest known one", async () => {
    await studio.textbox("Prompt").fill("");
    await studio.textbox("Prompt").pressSequentially(`a wibbling ${noun}`);
    await expect(page.getByText(`Mini cannot draw ${noun}; nearest: ${known}. Not known: wibbling.`)).toBeVisible();
    await studio.button(`${known}: put it for ${noun}`).click();
    await expect(studio.textbox("Prompt")).toHaveValue(new RegExp(`^an? wibbling ${known}$`));
    await expect(page.getByText("Mini cannot draw")).toBeHidden();
  });
  await test.step("the negative prompt's words likewise, while it is read", async () => {
    const sentence = page.getByText("Not known to Mini, so not kept out: wibbling, zorblax.");
    const cfg = await studio.field("CFG").inputValue();
    await studio.textbox("Negative prompt").pressSequentially("wibbling (zorblax:1.2)");
    await expect(sentence).toBeVisible();
    await studio.set({ CFG: 1 });
    await expect(sentence).toBeHidden();
    await studio.set({ CFG: cfg });
    await expect(sentence).toBeVisible();
    await studio.textbox("Negative prompt").fill("");
    await expect(sentence).toBeHidden();
  });
  await test.step("what it knows, as pictures: the arrow keys lead through them, and Enter puts one into the prompt", async () => {
    await studio.prompt("");
    await studio.button("What Mini knows").press("Enter");
    const things = studio.dialog().getByRole("group", { name: "Things", exact: true }).getByRole("button");
    await expect(things).toHaveCount(subjects.length);
    await studio.dialog().getByRole("searchbox", { name: "Search words" }).fill(noun);
    await expect(studio.dialog().getByText(`Mini cannot draw ${noun}; nearest: ${known}.`)).toBeVisible();
    await studio.dialog().getByRole("searchbox", { name: "Search words" }).fill("");
    await expect(things).toHaveCount(subjects.length);
    await things.first().focus();
    await page.keyboard.press("ArrowRight");
    const second = await things.nth(1).textContent();
    await expect(things.nth(1)).toBeFocused();
    await page.keyboard.press("Enter");
    await studio.dialog().getByRole("button", { name: "bouncing", exact: true }).click();
    await studio.dialog().getByRole("group", { name: "Backgrounds" }).getByRole("button", { name: "red", exact: true }).click();
    await page.keyboard.press("Escape");
    await expect(studio.textbox("Prompt")).toHaveValue(new RegExp(`^an? ${second} bouncing on a red background$`));
    await expect(studio.textbox("Prompt")).toBeFocused();
    await page.keyboard.type(", big");
    await expect(studio.textbox("Prompt")).toHaveValue(/red background, big$/);
  });
  expect(await layoutShifts(), "nothing moves").toEqual([]);
  await studio.prompt("a __colours__ [red:blue:0.5] fish");
  await studio.textbox("Negative prompt").fill("{2$$cat|dog}");
  const told = page.getByText("Read as plain words here: {2$$cat|dog}, __colours__.", { exact: true });
  await expect(told).toBeVisible();
  await studio.unfoldAdvanced();
  await studio.select("Prompt syntax").selectOption({ label: "Plain words" });
  await expect(told).toBeHidden();
});

test("a style that ships with the page says which of its words Mini does not know, and cannot be deleted", async ({
  studio,
  page,
}) => {
  await studio.open("as found");
  await studio.prompt("a red ball");
  await studio.button("Presets and styles").click();
  const film = studio.dialog().getByRole("button", { name: /^Film still/ });
  await expect(film).toHaveText(/Not known: .*cinematic/);
  await film.click();
  await expect(film).toHaveAttribute("aria-pressed", "true");
  await expect(studio.dialog().getByRole("button", { name: /^(Delete|Rename)/ })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(studio.textbox("Prompt")).toHaveValue(/^film still of a red ball, /);

  await studio.choose(kitFile("tiny-sd15"));
  await studio.add();
  await studio.button("Presets and styles").click();
  await expect(studio.dialog().getByRole("button", { name: "Film still", exact: true })).toBeVisible();
  await studio.dialog().getByRole("button", { name: "Pixel art", exact: true }).click();
  await page.keyboard.press("Escape");
  await expect(studio.textbox("Prompt")).toHaveValue(/^pixel art of a red ball, /);
  await expect(studio.textbox("Negative prompt")).toHaveValue("photograph, realistic, blurry, gradient");
});

test("the history calls an animation without a prompt so, until a person names it", async ({ studio, page }) => {
  await studio.open();
  await studio.prompt("");
  await studio.set({ ...QUICK, Frames: 1 });
  await studio.generate();
  await expect(studio.region("History").getByRole("button", { name: "Show: Without a prompt, seed 7" })).toBeVisible();
  await studio.button("All animations").click();
  const entry = studio.dialog().getByRole("listitem");
  await expect(entry.getByText("Without a prompt", { exact: true })).toBeVisible();
  await entry.getByRole("button", { name: "Rename" }).click();
  await expect(entry.getByRole("textbox")).toHaveValue("");
  await page.keyboard.type("nothing much");
  await page.keyboard.press("Enter");
  await expect(entry.getByText("nothing much", { exact: true })).toBeVisible();
  await expect(entry.getByRole("button", { name: "Show: nothing much, seed 7" })).toBeVisible();
});

test("every control has a sentence on hover", async ({ studio, page }) => {
  await studio.open();
  await studio.unfoldAdvanced();
  const controls = page.locator("main, header").locator("button, input, textarea, select, [role=slider]");
  const tooltip = page.getByRole("tooltip");
  const { width, height } = page.viewportSize()!;
  const silent: string[] = [];
  for (const control of await controls.all()) {
    // The film strip is disabled in another way, so it shows its sentence before it has frames.
    if (!(await control.isVisible()) || (await control.evaluate((it) => it.matches(":disabled")))) continue;
    const name = await control.evaluate((it) => it.getAttribute("aria-label") ?? it.textContent ?? "");
    // A sentence stays while the pointer may be on its way to it, so this moves from corner to corner until it has gone.
    await expect(async () => {
      await page.mouse.move(0, 0);
      await page.mouse.move(width - 1, height - 1);
      expect(await tooltip.count()).toBe(0);
    }).toPass();
    await control.hover();
    const box = (await control.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2 + 1, box.y + box.height / 2);
    await tooltip.waitFor({ state: "attached", timeout: 2000 }).catch(() => silent.push(name));
  }
  expect(silent).toEqual([]);
});

/** Pastes on the page, outside any field, as Ctrl+V does. */
async function paste(page: Page, { text, file }: { text?: string; file?: TestFile }): Promise<void> {
  const packed = file && { name: file.name, text: Buffer.from(file.bytes).toString("base64") };
  await page.evaluate(
    ({ text, packed }) => {
      const data = new DataTransfer();
      if (text !== undefined) data.setData("text/plain", text);
      if (packed !== undefined) {
        const bytes = Uint8Array.from(atob(packed.text), (char) => char.charCodeAt(0));
        data.items.add(new File([bytes], packed.name, { type: "image/png" }));
      }
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    },
    { text, packed },
  );
}
