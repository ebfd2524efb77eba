import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MINI_LORAS } from "../../models/mini.ts";
import { loraPicture } from "./lora-picture.ts";

const styles = MINI_LORAS.filter((lora) => lora.kind === "lora" && !("steps" in lora.suggested));

it("every style that ships with the page has a picture, drawn with it", () => {
  const { examples } = JSON.parse(readFileSync("public/examples/mini/examples.json", "utf8"));
  expect(styles.length).toBeGreaterThan(0);
  for (const { id } of styles) {
    const picture = loraPicture({ id })!;
    expect(existsSync(`public/${picture}`), picture).toBe(true);
    const example = examples.find(({ strip }: { strip: string }) => picture.endsWith(`/${strip}`));
    expect(example.models.loras.map((lora: { id: string }) => lora.id)).toContain(id);
  }
});

it("an added LoRA shows the picture in its file, or none", () => {
  expect(loraPicture({ id: "added", about: { title: null, author: null, thumbnail: "data:image/png;base64,AA==" } })).toBe(
    "data:image/png;base64,AA==",
  );
  expect(loraPicture({ id: "added" })).toBeNull();
});
