import { expect, it } from "vitest";
import { checkTemplate, DEFAULT_TEMPLATE, outputName } from "./output-name.ts";
import { type JobJson, parseJob } from "./parse-job.ts";

function name(template: string, json: JobJson = {}): string {
  const job = parseJob({ prompt: "A yellow fish, swimming!", seed: 7, ...json });
  return outputName(template, { job, index: 4, count: 120, hash: "0123456789abcdef" });
}

it.each([
  [DEFAULT_TEMPLATE, "005-7-a-yellow-fish-swimming.gif"],
  ["{name}/{hash}.apng", "clip/01234567.apng"],
  ["{steps}-{cfg}-{cfgScale}-{checkpoint}-{motion}", "auto-auto-auto-mini-mini-motion"],
])("%s", (template, expected) => {
  expect(name(template)).toBe(expected);
});

it("values cannot leave the folder, hide the file or break a file system", () => {
  expect(name("{name}.gif", { name: "../../etc/passwd" })).toBe("etc-passwd.gif");
  expect(name("{name}.gif", { name: "a\u0000b:c?" })).toBe("a-b-c.gif");
  expect(name("{name}", { name: "CON" })).toBe("_CON");
  expect(name("{name}.gif", { name: "..." })).toBe("clip.gif");
  expect(name("{prompt}.gif", { prompt: "<lora:x:1>" })).toBe("clip.gif");
  const long = name("{name}-{name}-{name}-{name}.gif", { name: "絵".repeat(300) });
  expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(204);
  expect(long).toMatch(/^絵+(-絵+)?\.gif$|^[絵-]+\.gif$/);
});

it("a LoRA's weight, and numbers with their point", () => {
  const loras = [{ path: "styles/Ink.safetensors", weight: 0.4 }];
  expect(name("{lora:ink}-{lora:oil}-{cfg}.gif", { loras, cfg: 3.5 })).toBe("0.4-0-3.5.gif");
});

it.each(["{stpes}.gif", "../{index}.gif", "/{index}.gif", "a\\{index}.gif", "{index.gif", "a:{index}.gif"])(
  "%s is refused",
  (template) => {
    expect(() => checkTemplate(template)).toThrow(expect.objectContaining({ code: "job/name" }));
  },
);
