/** Translates errors of onnxruntime and the browser about a failing device into errors that tell a person what to do. */

import { ZoetropeError } from "../../../core/errors.ts";

/** A lone number is the address of a C++ exception, mostly bad_alloc. SafeIntOnOverflow: sizes beyond 32 bits overflow before they are allocated. */
const OUT_OF_MEMORY =
  /out of memory|bad_alloc|bad allocation|failed to allocate|allocation failed|allocation size|OOM|array buffer allocation|cannot enlarge memory|SafeIntOnOverflow|memory access out of bounds|exceeds the max(imum)? (buffer|storage)|^\d+$/i;
// onnxruntime never destroys a buffer while it maps it, so an aborted mapping means that the device is lost.
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

/** A thrown value of onnxruntime as a ZoetropeError when its meaning is known; any other value unchanged. */
export function translateOrtError(thrown: unknown): unknown {
  if (thrown instanceof ZoetropeError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (DEVICE_LOST.test(text)) return deviceLost("", thrown);
  if (thrown instanceof RangeError || OUT_OF_MEMORY.test(text)) return outOfMemory(thrown);
  return thrown;
}
