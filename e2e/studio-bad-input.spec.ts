/** The page explains each kind of bad input in a sentence, and keeps the prompt, the clip and the shelf. */

import { test } from "@playwright/test";
import {
  hostileFile,
  kitFile,
  neonFile,
  textFile,
  truncated,
  withNan,
  withStrayLayers,
  zerosFile,
} from "./testing/model-files.ts";
import { QUICK, type Studio, type TestFile } from "./testing/studio.ts";
import { expect, sharedStudio } from "./testing/studio-test.ts";

const PROMPT = "a red ball bouncing on a white background";
const shared = sharedStudio();

test.beforeAll(async () => {
  const { studio } = shared;
  await studio.prompt(PROMPT);
  await studio.set(QUICK);
  expect((await studio.generate()).events.at(-1)?.type).toBe("done");
  // The clip rests on its first frame, so that a test can compare it.
  const playhead = studio.page.getByRole("slider", { name: "Frame", exact: true });
  await playhead.press("Home");
});

/** Files that the page refuses for their content, before it stores anything. */
const REFUSED: readonly { readonly title: string; readonly file: () => TestFile; readonly says: RegExp }[] = [
  {
    title: "an incomplete checkpoint",
    file: () => truncated(kitFile("tiny-sd15"), 0.6),
    says: /tiny-sd15\.safetensors.*(truncated|cut short|ends|incomplete|beyond|whole)/i,
  },
  {
    title: "a truncated LoRA",
    file: () => truncated(neonFile("half.safetensors"), 0.5),
    says: /half\.safetensors.*(truncated|cut short|ends|incomplete|beyond|whole)/i,
  },
  {
    title: "a web page named .safetensors",
    file: () => textFile("login.safetensors", "<!DOCTYPE html>\n<html><body>Please sign in</body></html>"),
    says: /login\.safetensors looks like a web page saved under this name: download it again/,
  },
  {
    title: "an SDXL checkpoint",
    file: () =>
      zerosFile("sdxl.safetensors", {
        "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight": [16, 8],
        "first_stage_model.decoder.conv_in.weight": [8, 4, 3, 3],
        "model.diffusion_model.input_blocks.0.0.weight": [320, 4, 3, 3],
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": [8, 2048],
        "model.diffusion_model.label_emb.0.0.weight": [8, 8],
      }),
    says: /sdxl\.safetensors is an SDXL checkpoint; Zoetrope animates Stable Diffusion 1\.x models/,
  },
  {
    title: "a LoRA for another family",
    file: () => {
      const layer = "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k";
      return zerosFile("xl-style.safetensors", {
        [`${layer}.lora_down.weight`]: [4, 2048],
        [`${layer}.lora_up.weight`]: [640, 4],
      });
    },
    says: /xl-style\.safetensors is a LoRA for SDXL/,
  },
  {
    title: "a pickle that asks to run a program",
    file: () => hostileFile("style.ckpt"),
    says: /style\.ckpt asks to run posix\.system: not opened/,
  },
  { title: "an empty file", file: () => textFile("nothing.safetensors", ""), says: /nothing\.safetensors is empty: 0 bytes/ },
];

for (const { title, file, says } of REFUSED) {
  test(`${title} is refused by name`, async () => {
    const { studio } = shared;
    const before = await whatIsThere(studio);
    await studio.choose(file());
    expect(await studio.refusal()).toMatch(says);
    expect(await whatIsThere(studio)).toEqual(before);
  });
}

test("the page names the files of a drop that it leaves out", async () => {
  const { studio } = shared;
  const before = await whatIsThere(studio);
  await studio.drop(neonFile("good.safetensors"), textFile("notes.txt", "buy milk"), textFile("b.rar", "Rar!"));
  await expect(studio.dialog()).toContainText("good");
  await expect(studio.dialog().getByText("Left out: notes.txt, b.rar", { exact: true })).toBeVisible();
  await studio.button("Cancel").click();
  expect(await whatIsThere(studio)).toEqual(before);
});

test("converting refuses a checkpoint with weights that are not numbers, and leaves nothing behind", async () => {
  const { studio } = shared;
  const before = await whatIsThere(studio);
  const nan = await withNan(kitFile("tiny-sd15"), "model.diffusion_model.middle_block.0.in_layers.2.weight");
  await studio.choose({ ...nan, name: "broken.safetensors" });
  await studio.dialog().getByRole("button", { name: "Add", exact: true }).click();
  await expect(studio.dialog()).toContainText("Not everything could be added");
  expect(await studio.refusal()).toMatch(
    /broken\.safetensors holds NaN \(not a number\) in ".*middle_block\.0\.in_layers\.2\.weight"/,
  );
  expect(await whatIsThere(studio)).toEqual(before);
});

test("the page explains a motion module of another width on adding and on use, and keeps the clip", async () => {
  const { studio } = shared;
  const before = await whatIsThere(studio);
  await studio.choose(kitFile("motion-v2"));
  await studio.add();
  await expect(studio.page.getByRole("status").filter({ hasText: "motion-v2" })).toContainText(/fits|checkpoint/i);
  // The page does not choose it, but a person may.
  await expect(studio.select("Motion").locator("option:checked")).toHaveText("Mini motion");
  await studio.select("Motion").selectOption({ label: "motion-v2" });
  await studio.set(QUICK);
  await studio.button("Generate").click();
  await expect(studio.alert()).toContainText(/motion/i);
  console.log(`  ${await studio.alert().textContent()}`);
  await expect(studio.alert()).toContainText(/wide|width|channels/i);

  await studio.button("Remove motion-v2").click();
  await studio.page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(studio.button("Remove motion-v2")).toBeHidden();
  await expect(studio.select("Motion").locator("option:checked")).toHaveText("Mini motion");
  await studio.set(QUICK);
  expect(await whatIsThere(studio)).toEqual(before);
  await studio.dismissMessages();
});

for (const frames of ["0", "1000000"]) {
  test(`${frames} frames are refused with the range that works, and stay in the field`, async () => {
    const { studio } = shared;
    const before = await whatIsThere(studio);
    await studio.set({ Frames: frames });
    await studio.button("Generate").click();
    await expect(studio.alert()).toContainText(`Frames must be a whole number from 1 to 128, not ${frames}.`);
    await expect(studio.field("Frames")).toBeFocused();
    await expect(studio.field("Frames")).toHaveValue(frames);
    await studio.set(QUICK);
    expect(await whatIsThere(studio)).toEqual(before);
    await studio.dismissMessages();
  });
}

test("the page uses the layers of a LoRA that fit, and counts them", async () => {
  const { studio } = shared;
  const layer = "lora_unet_down_blocks_7_attentions_0_proj_in";
  const stray = { [`${layer}.lora_down.weight`]: [4, 64], [`${layer}.lora_up.weight`]: [64, 4] };
  await studio.choose(await withStrayLayers(neonFile("partly.safetensors"), stray));
  await studio.add();
  await expect(studio.switch("Use partly")).toBeChecked();
  const { events } = await studio.generate();
  expect(events.at(-1)?.type).toBe("done");
  const told = studio.page.getByRole("status").filter({ hasText: "partly" });
  await expect(told).toContainText(/partly: (\d+) of \d+ layers used; 1 has no place in this model/);
  await told.getByRole("button", { name: "Dismiss" }).click();
  await studio.switch("Use partly").click();
});

test("the page says how much of a prompt of 10,000 characters it read, and draws it", async () => {
  const { studio } = shared;
  const long = "a red ball bouncing on a white background, ".repeat(233).slice(0, 10_000);
  expect(long).toHaveLength(10_000);
  await studio.prompt(long);
  await studio.unfoldAdvanced();
  await studio.select("Long prompts").selectOption({ label: "Cut off" });
  const { events, frames } = await studio.generate();
  expect(events.at(-1)?.type).toBe("done");
  expect(frames).toHaveLength(4);
  await expect(studio.page.getByRole("status").filter({ hasText: "longer than the text encoder reads" })).toContainText(
    /its last \d+ tokens were not used/,
  );
  await expect(studio.textbox("Prompt")).toHaveValue(long);
});

/** Prompt and settings, the shelf, the clip on the stage, the history. */
async function whatIsThere(studio: Studio) {
  const stage = studio.region("Stage").getByRole("img", { name: /^Animation/ });
  return {
    fields: await studio.fieldValues(),
    shelf: await studio.shelfNames(),
    picture: await stage.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
    history: await studio.region("History").getByRole("button").count(),
  };
}
