import { expect, it } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import type { RenderRequest, ShelfItem } from "../../protocol/engine.ts";
import { gridOf } from "./grid.ts";

const neon: ShelfItem = {
  ...{ id: "neon-id", kind: "lora", name: "neon", summary: "", bytes: 0, builtIn: true, triggerWords: [], suggested: {} },
};
const request: RenderRequest = {
  settings: { ...defaultSettings(), prompt: "a fish" },
  models: { checkpoint: "mini", motion: null, vae: null, loras: [], motionLoras: [] },
};

it("two axes give every combination, row by row, with their labels", () => {
  const { requests, labels } = gridOf(
    request,
    [
      { key: "cfgScale", values: "3, 5,7" },
      { key: "lora:neon", values: "0.4,0.8" },
    ],
    [neon],
  );
  expect(requests.map(({ settings, models }) => [settings.cfgScale, models.loras[0]!.weight])).toEqual([
    ...[
      [3, 0.4],
      [5, 0.4],
      [7, 0.4],
    ],
    ...[
      [3, 0.8],
      [5, 0.8],
      [7, 0.8],
    ],
  ]);
  expect(labels).toEqual({ columns: ["CFG 3", "CFG 5", "CFG 7"], rows: ["neon 0.4", "neon 0.8"] });
});

it("one axis is a row, and what cannot be is refused in a sentence", () => {
  expect(
    gridOf(
      request,
      [
        { key: "seed", values: "1..3" },
        { key: "", values: "" },
      ],
      [],
    ).labels.rows,
  ).toEqual([""]);
  const refused = (key: string, values: string) => () => gridOf(request, [{ key, values }], []);
  expect(refused("cfgScale", "3,x")).toThrow(/takes numbers/);
  expect(refused("steps", "0")).toThrow(/Steps must be/);
  expect(refused("seed", "1..99")).toThrow(/99 cells/);
  expect(refused("", "1")).toThrow(/no axis/);
});
