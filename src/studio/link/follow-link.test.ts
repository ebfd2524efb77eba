import { afterEach, beforeEach, expect, it, vi } from "vitest";
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
