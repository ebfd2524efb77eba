import { describe, expect, it } from "vitest";
import { parseInfotext, writeInfotext } from "./infotext.ts";

describe("parameters text", () => {
  it("comes back as written", () => {
    const info = {
      prompt: "a (yellow:1.2) fish,\non blue <lora:neon:0.8>",
      negative: "blurry,\ndark",
      fields: new Map([
        ["Steps", "20"],
        ["Sampler", "DPM++ 2M Karras"],
        ["CFG scale", "7.5"],
        ["Seed", "9007199254740991"],
        ["Lora", 'ink, "wet": 0.8'],
        ["Model", "Mini"],
      ]),
    };
    expect(parseInfotext(writeInfotext(info))).toEqual(info);
  });

  it("reads what A1111 writes", () => {
    const info = parseInfotext(
      "masterpiece, 1girl, city: night\nNegative prompt: lowres\nSteps: 25, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 965400086, " +
        'Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned, Lora hashes: "add_detail: 7c6bad76eb54, x: 1", Version: v1.10.1',
    );
    expect(info.prompt).toBe("masterpiece, 1girl, city: night");
    expect(info.negative).toBe("lowres");
    expect(info.fields.get("Size")).toBe("512x768");
    expect(info.fields.get("Lora hashes")).toBe("add_detail: 7c6bad76eb54, x: 1");
    expect(info.fields.size).toBe(10);
  });

  it("takes a plain text as a prompt, even one with a colon or two", () => {
    expect(parseInfotext("a cat: asleep, style: ink")).toEqual({
      prompt: "a cat: asleep, style: ink",
      negative: "",
      fields: new Map(),
    });
    expect(parseInfotext("").prompt).toBe("");
  });

  it("does without a negative prompt", () => {
    const info = parseInfotext("a ball\nSteps: 1, Seed: 2, Size: 64x64");
    expect(info.negative).toBe("");
    expect(info.prompt).toBe("a ball");
  });
});
