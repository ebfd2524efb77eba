import { expect, it } from "vitest";
import type { DeviceReport, ShelfItem } from "../../protocol/engine.ts";
import { buildRequest } from "../render/request.ts";
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
  card: null,
};

const tiny: ShelfItem = {
  id: "tiny",
  kind: "checkpoint",
  name: "tiny",
  summary: "",
  bytes: 2e6,
  builtIn: false,
  triggerWords: [],
  suggested: {},
  size: { parameters: 1e6, firstWidth: 32, vaeWidth: 16 },
};

function forecastOf(
  checkpoint: string,
  precision: "fp32" | "q8",
  side: number,
  frames: number,
  backend: "wasm" | "webgpu" = "wasm",
) {
  const store = createStudioStore();
  const { setShelf, chooseModel, setNumber } = store.getState();
  setShelf([tiny]);
  chooseModel({ checkpoint, motion: null });
  setNumber("width", String(side));
  setNumber("height", String(side));
  setNumber("frames", String(frames));
  store.setState({ device: { status: "ready", report: { ...report, backend } }, precision });
  return forecast(store.getState());
}

it("says that a frame too large to decode whole fits when decoded in tiles", () => {
  const { plan, overfull } = forecastOf("sd", "fp32", 384, 1);
  expect(plan).toMatch(/^Frames are decoded in tiles of 256 pixels: /);
  expect(overfull).toBeNull();
});

it("says that it does not fit if tiles do not help either", () => {
  const { plan, overfull } = forecastOf("sd", "fp32", 1024, 16);
  expect(overfull).not.toBeNull();
  expect(plan).toBeNull();
});

it("says nothing if everything fits or the memory is unknown", () => {
  expect(forecastOf("sd", "q8", 256, 2)).toMatchObject({ plan: null, overfull: null });
  expect(forecastOf("sd", "fp32", 1024, 16, "webgpu")).toMatchObject({ plan: null, overfull: null });
});

it("uses the size of the models if it is known", () => {
  expect(forecastOf("tiny", "fp32", 512, 16).overfull).toBeNull();
  expect(forecastOf("sd", "fp32", 512, 16).overfull).not.toBeNull();
});

it("says roughly how long the first animation takes, and more exactly once one was made", () => {
  const store = createStudioStore();
  store.getState().setShelf([tiny]);
  store.setState({ device: { status: "ready", report } });
  const first = forecast(store.getState());
  expect(first.ms).toBeNull();
  expect(first.rough!.to).toBeGreaterThan(first.rough!.from);
  const built = buildRequest(store.getState(), () => 1);
  if (!built.ok) throw new Error(built.message);
  store.getState().setLastRun({ request: built.request, backend: "wasm", timingsMs: { denoise: 900, decode: 100 } });
  expect(forecast(store.getState())).toMatchObject({ ms: 1000, rough: null });
});
