import { expect, test } from "vitest";
import { defaultSettings } from "../../core/settings/render-settings.ts";
import { checkStart } from "./check-settings.ts";

test("FreeInit is refused together with a start picture, which it would throw away", () => {
  const initVideo = { frames: [], strength: 0.5 };
  const settings = { ...defaultSettings(), freeInit: 2 };
  expect(() => checkStart({ settings, initVideo, initLatents: null })).toThrowError(
    expect.objectContaining({ code: "settings/free-init" }),
  );
  checkStart({ settings, initVideo: null, initLatents: null });
  checkStart({ settings: defaultSettings(), initVideo, initLatents: null });
});
