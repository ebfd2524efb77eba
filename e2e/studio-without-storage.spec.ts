/**
 * A browser without a private file system, as in some private windows: everything works, and the page says how long
 * models last.
 */

import { kitFile, neonFile } from "./testing/model-files.ts";
import { expect, test } from "./testing/studio-test.ts";

test("without the private file system everything works, and added models are said to last as long as the tab", async ({
  studio,
  page,
}) => {
  await page.context().route(/\/inference\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const refuse = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('not here', 'SecurityError'));\n";
    await route.fulfill({ response, body: refuse + (await response.text()) });
  });
  await studio.open();
  await expect(studio.region("Shelf")).toContainText("added models last only as long as this tab");

  await studio.set({ Frames: 2, Steps: 2, Seed: 1 });
  expect((await studio.generate()).frames).toHaveLength(2);

  await studio.choose(neonFile("kept-for-now.safetensors"), kitFile("tiny-sd15"), kitFile("motion-v1"));
  await studio.add();
  await studio.switch("Use kept-for-now").click();
  await studio.set({ Width: 64, Height: 64, Frames: 2, Steps: 1, Seed: 1 });
  const { events, frames } = await studio.generate();
  expect(events.at(-1)).toMatchObject({ type: "done" });
  expect(frames).toHaveLength(2);
  const { gif } = await studio.exportGif();
  expect(gif.frames).toHaveLength(2);

  await page.reload();
  await studio.started();
  await expect(studio.select("Checkpoint").locator("option")).toHaveText(["Mini", "Robot"]);
});
