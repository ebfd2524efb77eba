import { expect, it } from "vitest";
import type { ShelfItem } from "../../protocol/engine.ts";
import { loraMention, loraQuery, mentionedLoras, offeredLoras } from "./lora-completion.ts";

const item = (name: string, kind: ShelfItem["kind"]): ShelfItem => ({
  id: name,
  kind,
  name,
  summary: "",
  bytes: 0,
  builtIn: true,
  triggerWords: [],
  suggested: {},
});
const shelf = [item("Mini", "checkpoint"), item("deep neon", "lora"), item("neon", "lora"), item("pan left", "motion-lora")];

it("notices a mention from its first character on", () => {
  for (const typed of ["a fish <", "a fish <lo", "a fish <lora:"]) {
    expect(loraQuery(typed, typed.length)).toEqual({ start: 7, typed: "" });
  }
  expect(loraQuery("<lora:ne, more", 8)).toEqual({ start: 0, typed: "ne" });
});

it("offers nothing elsewhere", () => {
  for (const text of ["a fish", "1 < 2", "<lora:neon:0.8>", "<lora:neon:0.8", "<b"])
    expect(loraQuery(text, text.length)).toBeNull();
});

it("completes a LoRA with its suggested weight", () => {
  expect(loraMention({ ...item("neon", "lora"), suggested: { loraWeight: 1 } })).toBe("<lora:neon:1>");
  expect(loraMention(item("mine", "lora"))).toBe("<lora:mine:0.8>");
});

it("offers the shelf's LoRAs, best match first", () => {
  expect(offeredLoras(shelf, { start: 0, typed: "NE" }).map(loraMention)).toEqual(["<lora:neon:0.8>", "<lora:deep neon:0.8>"]);
  expect(offeredLoras(shelf, { start: 0, typed: "" })).toHaveLength(3);
  expect(offeredLoras(shelf, { start: 0, typed: "mini" })).toEqual([]);
});

it("finds the LoRAs that a prompt calls, and whether they are on the shelf", () => {
  expect(mentionedLoras(["a fish <lora:Neon:0.5>", "<lora:gone>"], shelf)).toEqual([
    { name: "Neon", weight: 0.5, onShelf: true },
    { name: "gone", weight: 1, onShelf: false },
  ]);
  expect(mentionedLoras(["<lora:neon:0.5>", "later <lora:NEON:0.9>"], shelf)).toEqual([
    { name: "NEON", weight: 0.9, onShelf: true },
  ]);
  expect(mentionedLoras(["<lora:neon:much>"], shelf)).toMatch(/weight of the LoRA/);
});
