/** Chooses a precision that suits the device, for when the person has not chosen one. */

/** Checkpoints up to this size run at full precision on the processor, where smaller weights save memory but no time. */
const SMALL_CHECKPOINT_BYTES = 600e6;

/** A graphics card is fastest with 8-bit weights; the processor with full ones, as long as they fit comfortably. */
export function suitablePrecision(backend: "webgpu" | "wasm" | null, checkpointBytes: number): "fp32" | "q8" {
  return backend !== "webgpu" && checkpointBytes <= SMALL_CHECKPOINT_BYTES ? "fp32" : "q8";
}
