/** What onnxruntime and the browser throw when a device gives out, as errors that say what to do. */

import { ZoetropeError } from "../../../core/errors.ts";

/** wasm traps and emscripten aborts come without a sentence; a lone number is a C++ exception's address, mostly bad_alloc. Sizes beyond 32 bits overflow before they are asked for. */
const OUT_OF_MEMORY =
  /out of memory|bad_alloc|bad allocation|failed to allocate|allocation failed|allocation size|OOM|array buffer allocation|cannot enlarge memory|SafeIntOnOverflow|memory access out of bounds|exceeds the max(imum)? (buffer|storage)|^\d+$/i;
// onnxruntime never gives up a buffer that it maps, so a mapping that is aborted means that the device has gone.
const DEVICE_LOST =
  /device (is |was )?lost|lost device|GPUDevice.*(lost|destroyed)|external Instance reference no longer exists|MapAsyncStatus/i;

export function outOfMemory(cause?: unknown): ZoetropeError {
  return new ZoetropeError("device/out-of-memory", {
    message: "There is not enough memory on this device for this animation.",
    hint: "Choose fewer frames or a smaller size, or close other tabs and try again.",
    cause,
  });
}

export function deviceLost(reason: string, cause?: unknown): ZoetropeError {
  const detail = reason.trim() === "" ? "" : ` (${reason.trim().replace(/\.$/, "")})`;
  return new ZoetropeError("device/lost", {
    message: `The graphics card stopped working for this page${detail}.`,
    hint: "Generate again: it starts afresh. If it happens again, choose fewer frames or a smaller size, or restart the browser.",
    cause,
  });
}

/** A thrown value of onnxruntime as a ZoetropeError where its meaning is known; everything else as it is. */
export function translateOrtError(thrown: unknown): unknown {
  if (thrown instanceof ZoetropeError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (DEVICE_LOST.test(text)) return deviceLost("", thrown);
  if (thrown instanceof RangeError || OUT_OF_MEMORY.test(text)) return outOfMemory(thrown);
  return thrown;
}
