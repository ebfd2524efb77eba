/** One entry in the schema is all it takes: made-up settings are found everywhere a setting goes. */
import { expect, it } from "vitest";
import { parseRenderArguments } from "../../cli/arguments.ts";
import { usage } from "../../cli/help.ts";
import { checkRanges } from "../../core/settings/check.ts";
import { choicesOf, fieldsOf, firstFields } from "../../core/settings/fields.ts";
import { defaultSettings, keptSettings, type RenderSettings } from "../../core/settings/render-settings.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import { choice, number, type Schema, toggle } from "../../core/settings/setting.ts";
import { parseSettingsText, settingsText } from "../../media/settings-text.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import { differences } from "../history/differences.ts";
import { decodeLink, encodeLink } from "../link/settings-link.ts";
import { buildRequest } from "../render/request.ts";
import { createStudioStore, type StudioState } from "../store/studio-store.ts";
import { changedParts, snapshotOf } from "../undo/snapshot.ts";
import { numberFieldsOf } from "./number-fields.ts";
import { advancedFields } from "./panel-fields.ts";

const wobble = number({
  label: "Wobble",
  hint: "How much every frame wobbles.",
  flag: "wobble",
  infotext: "Wobble",
  link: "wobble",
  min: 0,
  max: 2,
  multipleOf: 0.01,
  default: 0.5,
  field: { max: 1, step: 0.1 },
});
const mood = choice({
  label: "Mood",
  hint: "How the clip feels.",
  flag: "mood",
  infotext: "Mood",
  link: "mood",
  choices: [
    { value: "merry", label: "Merry" },
    { value: "sad", label: "Sad" },
  ],
  default: "merry",
});
const mirrored = toggle({
  label: "Mirrored",
  hint: "Swaps left and right.",
  flag: "mirrored",
  infotext: "Mirrored",
  link: "mirrored",
  default: false,
});
const schema: Schema = { ...settingsSchema, wobble, mood, mirrored };

const values = { wobble: 0.75, mood: "sad", mirrored: true };
const settings = { ...defaultSettings(schema), ...values, prompt: "a fish" } as RenderSettings;

type MadeUp = { readonly mood: string; readonly mirrored: string };

const checkpoint: ShelfItem = {
  ...{ id: "base", kind: "checkpoint", name: "Base", summary: "", bytes: 0, builtIn: true, triggerWords: [], suggested: {} },
};

/** A page's state with the made-up fields set. */
function page(numbers: Record<string, string> = { wobble: "0,75" }, others: object = { mood: "sad", mirrored: "on" }) {
  const store = createStudioStore();
  store.getState().setShelf([checkpoint]);
  const state = store.getState();
  const first = firstFields(schema);
  return { ...state, ...first, ...others, numbers: { ...first.numbers, ...numbers } } as StudioState & MadeUp;
}

it("on the command line, in its arguments and in --help", () => {
  const args = ["--prompt", "x", "--out", "x.gif"];
  const said = parseRenderArguments([...args, "--wobble", "0.75", "--mood", "sad", "--mirrored"], schema);
  expect(said.settings).toEqual({ prompt: "x", ...values });
  expect(parseRenderArguments(args, schema).settings).toEqual({ prompt: "x" });
  expect(() => parseRenderArguments([...args, "--mood", "odd"], schema)).toThrow("--mood takes merry, sad");
  for (const line of ["--wobble X", "--mood merry|sad", "--mirrored\n", wobble.hint, "Default: 0.5."])
    expect(usage(undefined, schema)).toContain(line);
});

it('in "parameters" text, there and back', () => {
  const text = settingsText(settings, { checkpoint: "Base", motion: null, loras: [] }, {}, schema);
  expect(text).toContain("Wobble: 0.75, Mood: sad, Mirrored: on");
  expect(parseSettingsText(text, schema)?.settings).toMatchObject(values);
});

it("in a link, there and back", () => {
  const first = page({}, {});
  const models = { checkpoint: "Base", motion: null, vae: null, loras: [] };
  const link = encodeLink({ settings: page(), models }, first, schema);
  expect(link).toContain("wobble=0%2C75&mood=sad&mirrored=on");
  expect(decodeLink(link, first, schema)?.settings).toMatchObject({ mood: "sad", mirrored: "on", numbers: { wobble: "0,75" } });
  expect(encodeLink({ settings: first, models }, first, schema)).not.toMatch(/wobble|mood|mirrored/);
});

it("in a snapshot for undo, as a change of its own", () => {
  const before = page({}, {});
  const { mood, mirrored, numbers } = page();
  const after = { ...before, mood, mirrored, numbers };
  const changed = (among: Schema) => new Set(changedParts(snapshotOf(before, among), snapshotOf(after, among)));
  expect(changed(schema)).toEqual(new Set(["numbers.wobble", "mood", "mirrored"]));
  expect(changed({ ...schema, wobble: number({ ...wobble, leftOutOf: ["undo"] }) })).toEqual(new Set(["mood", "mirrored"]));
});

it("in history and queue, where older records read it as its default", () => {
  expect(keptSettings(settings, "history", schema)).toMatchObject(values);
  const old = defaultSettings();
  expect(keptSettings(old, "queue", schema)).toMatchObject({ wobble: 0.5, mood: "merry", mirrored: false });
});

it("in the panel's list of fields, with its label, range and choices", () => {
  expect(advancedFields(schema).slice(-3)).toEqual(["wobble", "mood", "mirrored"]);
  expect(advancedFields()).toEqual([
    "schedule",
    "prediction",
    "zeroSnr",
    "guidanceRescale",
    "tcdEta",
    "clipSkip",
    "promptSyntax",
    "longPrompts",
    "norm",
    "precision",
    "freeInit",
    "freeInitFilter",
    "zeroMotion",
    "zeroMotionX",
    "zeroMotionY",
    "motionScale",
    "motionEffect",
    "hires",
    "hiresStrength",
    "stepCache",
    "stepCacheBranch",
    "guidanceStart",
    "guidanceEnd",
  ]);
  expect(numberFieldsOf(schema).wobble).toEqual({
    ...{ label: "Wobble", hint: wobble.hint, min: 0, max: 1, step: 0.1, multipleOf: 0.01, sliderMax: 1 },
  });
  expect(choicesOf(mood).map(({ label }) => label)).toEqual(["Merry", "Sad"]);
  expect(choicesOf(mirrored).map(({ label }) => label)).toEqual(["Off", "On"]);
});

it("in what the engine is asked, checked against its range, and back in the fields", () => {
  const result = buildRequest(page(), () => 7, schema);
  expect(result).toMatchObject({ ok: true, request: { settings: values } });
  expect(buildRequest(page({ wobble: "3" }), () => 7, schema)).toMatchObject({ ok: false, field: "Wobble" });
  expect(() => checkRanges({ ...settings, wobble: 3 } as RenderSettings, schema)).toThrow("Wobble must be a number from 0 to 2");
  expect(fieldsOf(settings, schema)).toMatchObject({ numbers: { wobble: "0.75" }, others: { mood: "sad", mirrored: "on" } });
});

it("in the differences between animations side by side", () => {
  const clip = (each: object) => ({
    request: {
      settings: { ...settings, ...each },
      models: { checkpoint: "base", motion: null, vae: null, loras: [], motionLoras: [] },
    },
    names: { checkpoint: "Base", motion: null, loras: [] },
  });
  const [same, other] = [clip({}), clip({ wobble: 1, mood: "merry", mirrored: false })];
  expect(differences([same, other], schema)).toEqual([
    "Wobble: 0.75 · Mood: Sad · Mirrored: On",
    "Wobble: 1 · Mood: Merry · Mirrored: Off",
  ]);
});
