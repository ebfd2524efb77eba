import { expect, it } from "vitest";
import { ZoetropeError } from "../../../core/errors.ts";
import { translateOrtError } from "./ort-errors.ts";

it.each([
  new Error("std::bad_alloc"),
  new Error(
    "failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: Failed to allocate memory for requested buffer of size 4294967296",
  ),
  new Error(
    "failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: onnxruntime/core/common/safeint.h:17 static void SafeIntExceptionHandler<onnxruntime::OnnxRuntimeException>::SafeIntOnOverflow() Integer overflow",
  ),
  new RangeError("Array buffer allocation failed"),
  new Error("Aborted(OOM). Build with -sASSERTIONS for more info."),
  // An uncaught C++ exception arrives as its address alone.
  "58920176",
])("%s means that memory ran out", (thrown) => {
  expect(translateOrtError(thrown)).toMatchObject({ code: "device/out-of-memory" });
});

it.each([
  new Error("Device is lost."),
  new Error("WebGPU device lost: A valid external Instance reference no longer exists."),
  new Error(
    "failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: Failed to execute 'mapAsync' on 'GPUBuffer': Buffer was unmapped before mapping was resolved.",
  ),
])("%s means that the graphics card is gone", (thrown) => {
  expect(translateOrtError(thrown)).toMatchObject({ code: "device/lost" });
});

it("other errors are returned unchanged", () => {
  const model = new Error("Load model failed: Invalid model. Node input 'x' is not a graph input.");
  expect(translateOrtError(model)).toBe(model);
  const ours = new ZoetropeError("storage/full", { message: "full" });
  expect(translateOrtError(ours)).toBe(ours);
});
