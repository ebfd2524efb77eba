import { expect, it } from "vitest";
import { maySaySettings } from "./may-say-settings.ts";
import { parseSettingsText } from "./settings-text.ts";

const settings = [
  "a fox\nNegative prompt: blurry\nSteps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 1, Size: 128x128, Model: Mini",
  "a fox\nModel: x, Steps : 20, Seed:1",
  'a fox\n{"not": "JSON"\nSteps: 20, Sampler: Euler, Model: Mini',
  ' {"prompt": "a fox", "steps": 20, "seed": 7}',
];

it.each(settings)("a text with settings is read: %s", (text) => {
  expect(parseSettingsText(text)).not.toBeNull();
  expect(maySaySettings(text)).toBe(true);
});

it.each(["a fox that runs", "Subject: fox, Style: ink, Seed: 7", "", "a { b"])("words are not read: %s", (text) => {
  expect(maySaySettings(text)).toBe(false);
});
