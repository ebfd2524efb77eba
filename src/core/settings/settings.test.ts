import { expect, it } from "vitest";
import { checkRanges } from "./check.ts";
import { firstFields } from "./fields.ts";
import { infotextFields, readInfotextFields } from "./infotext.ts";
import { defaultSettings, keptSettings, type RenderSettings, settingsOf, valuesOf } from "./render-settings.ts";
import { settingsSchema } from "./schema.ts";
import { number, type Schema } from "./setting.ts";

const settings: RenderSettings = { ...defaultSettings(), prompt: "a fish" };

it("flags, link keys and names in texts mean one setting each; Size and Context hold several", () => {
  const entries = Object.values(settingsSchema as Schema);
  const keys = (of: (setting: Schema[string]) => string | null) => entries.map(of).filter((key) => key !== null);
  for (const all of [keys(({ flag }) => flag), keys(({ link }) => link)]) expect(new Set(all).size).toBe(all.length);
  const shared = keys(({ infotext }) => infotext).filter((key, i, all) => all.indexOf(key) !== i);
  expect(new Set(shared)).toEqual(new Set(["Size", "Context"]));
});

it("labels are the words that people know, and files and links keep the names that they have", () => {
  const { norm, promptSyntax, variation, longPrompts } = settingsSchema;
  expect([norm, promptSyntax, variation].map(({ label, infotext, link }) => [label, infotext, link])).toEqual([
    ["Arithmetic", "Norm", "norm"],
    ["Prompt syntax", "Prompt syntax", "brackets"],
    ["Variation strength", "Variation seed strength", "variation"],
  ]);
  expect(longPrompts.choices.map(({ label }) => label)).toEqual(["Encode in chunks", "Cut off"]);
});

it("defaults and what a first visit finds lie within their ranges", () => {
  expect(() => checkRanges(settings)).not.toThrow();
  const { numbers } = firstFields();
  for (const [name, setting] of Object.entries(settingsSchema as Schema)) {
    const text = numbers[name as keyof typeof numbers];
    if (setting.kind !== "number" || text === "") continue;
    const { min, max } = { ...setting, ...setting.field };
    expect(Number(text), name).toBeGreaterThanOrEqual(min);
    expect(Number(text), name).toBeLessThanOrEqual(max);
  }
});

it.each([
  [{ steps: 0 }, "settings/steps", "Steps must be a whole number from 1 to 1000; it is 0."],
  [{ width: 100 }, "settings/width", "Width must be a multiple of 8 from 64 to 2048 pixels; it is 100."],
  [{ cfgScale: Number.NaN }, "settings/cfg", "CFG must be a number from 0 to 100; it is NaN."],
  [{ seed: 2 ** 53 }, "settings/seed", "Seed must be a whole number 0 or more"],
  [{ variation: { seed: 1, strength: 2 } }, "settings/variation-strength", "from 0 to 1; it is 2"],
  [{ sampler: "magic" as "ddim" }, "settings/sampler", "Sampler cannot be magic."],
  [{ norm: null as unknown as "original" }, "settings/norm", "Arithmetic cannot be null."],
  [{ prompt: "x".repeat(100_001) }, "settings/prompt", "Prompt has 100001 characters"],
] as const)("%j is refused in one sentence", (wrong, code, words) => {
  expect(() => checkRanges({ ...settings, ...wrong })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
});

it("a variation is a pair in the settings and two values by the schema's names; one half alone is none", () => {
  const varied = { ...settings, variation: { seed: 5, strength: 0.2 } };
  expect(valuesOf(varied)).toMatchObject({ variation: 0.2, variationSeed: 5 });
  expect(settingsOf({ variation: 0.2, variationSeed: 5 })).toEqual({ variation: varied.variation });
  expect(settingsOf({ variation: 0.2 })).toEqual({});
  expect(settings).not.toHaveProperty("variation");
});

it("texts read back what they say, and leave out what means nothing", () => {
  expect(readInfotextFields(infotextFields(settings))).toEqual({
    ...withoutWords(settings),
    promptAt: undefined,
    lanes: undefined,
  });
  const said = { Size: "512x768", Steps: "many", Norm: "other", Context: "12/3 freenoise", "Beta schedule": "automatic" };
  expect(readInfotextFields(new Map(Object.entries(said)))).toEqual({
    ...{ width: 512, height: 768, contextLength: 12, contextOverlap: 3, contextMode: "freenoise", schedule: null },
  });
});

it("a record from before a setting existed reads it as its default, and one that leaves it out does, too", () => {
  const { contextMode, ...old } = { ...settings, contextMode: "freenoise" as const, steps: 7 };
  expect(keptSettings(old as RenderSettings, "history")).toEqual({ ...settings, steps: 7, contextMode: "window" });
  const schema: Schema = { ...settingsSchema, steps: number({ ...settingsSchema.steps, leftOutOf: ["queue"] }) };
  expect(keptSettings({ ...settings, steps: 7 }, "queue", schema).steps).toBe(25);
  expect(keptSettings({ ...settings, steps: 7 }, "history", schema).steps).toBe(7);
});

function withoutWords({ prompt, negative, ...others }: RenderSettings) {
  return others;
}
