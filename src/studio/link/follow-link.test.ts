import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { testEntry } from "../history/testing/entries.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { followLink } from "./follow-link.ts";

const replaceState = vi.fn<(state: unknown, unused: string, address: string) => void>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { hash: "", origin: "https://host", pathname: "/", search: "" });
  vi.stubGlobal("history", { state: null, replaceState });
  vi.stubGlobal("addEventListener", () => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  replaceState.mockClear();
});

it("the address is written once after a drag, even while a clip plays", () => {
  const store = createStudioStore();
  followLink(store).begin();
  for (const steps of ["8", "9", "10"]) {
    store.getState().setNumber("steps", steps);
    vi.advanceTimersByTime(100);
  }
  expect(replaceState).not.toHaveBeenCalled();
  for (let frame = 0; frame < 16; frame++) {
    store.getState().seek(frame, 16);
    vi.advanceTimersByTime(125);
  }
  expect(replaceState).toHaveBeenCalledTimes(1);
  expect(replaceState.mock.calls[0]?.[2]).toMatch(/^\/#prompt=.*&steps=10&/);
});

it("a change of the page's own is not written by itself, but with the person's next one", () => {
  const store = createStudioStore();
  const link = followLink(store);
  link.begin();
  expect(link.found).toBe(false);
  link.quietly(() => store.getState().setNumber("steps", "6"));
  vi.advanceTimersByTime(1000);
  expect(replaceState).not.toHaveBeenCalled();
  store.getState().setNumber("fps", "12");
  vi.advanceTimersByTime(1000);
  expect(replaceState.mock.calls[0]?.[2]).toMatch(/&fps=12&.*steps=6&|steps=6&.*fps=12&/);
});

it("a text that another app shared becomes the prompt, unless the address carries settings", () => {
  vi.stubGlobal("location", { hash: "", origin: "https://host", pathname: "/", search: "?prompt=a+green+ball%20" });
  const store = createStudioStore();
  followLink(store);
  expect(store.getState().prompt).toBe("a green ball");
  vi.stubGlobal("location", { hash: "#prompt=mine", origin: "https://host", pathname: "/", search: "?prompt=a+green+ball" });
  const reloaded = createStudioStore();
  followLink(reloaded);
  expect(reloaded.getState().prompt).toBe("mine");
});

it("the link to a clip carries the clip's settings, whatever the fields say", () => {
  const store = createStudioStore();
  const link = followLink(store);
  store.getState().setPrompt("something else");
  const { request, names } = testEntry("a", { prompt: "a red ball", seed: 7, steps: 9 });
  const query = new URLSearchParams(new URL(link.addressOf({ request, names })).hash.slice(1));
  expect(Object.fromEntries(query)).toMatchObject({
    prompt: "a red ball",
    seed: "7",
    steps: "9",
    model: "Mini",
    motion: "Mini motion",
  });
});
