import { expect, it } from "vitest";
import type { DeviceReport } from "../../protocol/engine.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { forecast } from "./forecast.ts";

const report: DeviceReport = {
  backend: "wasm",
  name: "processor",
  fp16: false,
  threads: 2,
  notice: null,
  storage: "opfs",
  storageUsedBytes: null,
  storageLeftBytes: null,
  selfTest: [],
};

function forecastOf(
  checkpoint: string,
  precision: "fp32" | "q8",
  side: number,
  frames: number,
  backend: "wasm" | "webgpu" = "wasm",
) {
  const store = createStudioStore();
  const { chooseModel, setNumber } = store.getState();
  chooseModel({ checkpoint, motion: null });
  setNumber("width", String(side));
  setNumber("height", String(side));
  setNumber("frames", String(frames));
  store.setState({ device: { status: "ready", report: { ...report, backend } }, precision });
  return forecast(store.getState());
}

it("says that a frame too large to be decoded whole is decoded in tiles, by which it fits", () => {
  const { plan, overfull } = forecastOf("sd", "fp32", 384, 1);
  expect(plan).toMatch(/^Frames are decoded in tiles of 256 pixels: /);
  expect(overfull).toBeNull();
});

it("says only that it does not fit where tiles do not help", () => {
  const { plan, overfull } = forecastOf("sd", "fp32", 1024, 16);
  expect(overfull).not.toBeNull();
  expect(plan).toBeNull();
});

it("says nothing where everything fits, or where the memory is not known", () => {
  expect(forecastOf("sd", "q8", 256, 2)).toMatchObject({ plan: null, overfull: null });
  expect(forecastOf("sd", "fp32", 1024, 16, "webgpu")).toMatchObject({ plan: null, overfull: null });
});
