import { expect, it } from "vitest";
import { createStudioStore } from "../store/studio-store.ts";
import { offerInstalling } from "./install.ts";

it("installing is offered once the browser can, asked once, and over when the page is installed", () => {
  const store = createStudioStore();
  const page = new EventTarget();
  offerInstalling(store, page);
  expect(store.getState().install).toBeNull();

  let asked = 0;
  const offer = () => Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: async () => (asked += 1) });
  const first = offer();
  page.dispatchEvent(first);
  expect(first.defaultPrevented, "the browser shows no bar of its own").toBe(true);
  store.getState().install?.();
  expect(asked).toBe(1);
  expect(store.getState().install).toBeNull();

  page.dispatchEvent(offer());
  expect(store.getState().install).not.toBeNull();
  page.dispatchEvent(new Event("appinstalled"));
  expect(store.getState().install).toBeNull();
});
