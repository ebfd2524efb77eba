/**
 * Requests the WebGPU device that sessions run on: with all limits of the adapter, and with fp16 where the adapter has it. It
 * leaves out `subgroups`, because onnxruntime takes other kernels on a device with that feature, and none of them has been tried.
 */

import { ZoetropeError } from "../../../core/errors.ts";

export interface GpuDevice {
  readonly device: GPUDevice;
  /** Maker and model as far as the browser reports them. */
  readonly name: string;
  readonly fp16: boolean;
}

/**
 * @param software whether a software renderer will do; it is slower than WebAssembly, so only tests want it
 * @throws ZoetropeError `device/no-webgpu` with what is missing
 */
export async function requestGpu(software: boolean): Promise<GpuDevice> {
  // TypeScript declares it as always present, but insecure contexts and older browsers lack it.
  const gpu: GPU | undefined = navigator.gpu;
  if (gpu === undefined) throw noWebGpu("This browser has no WebGPU");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (adapter === null) throw noWebGpu("WebGPU found no graphics card that it may use");
  if (adapter.info.isFallbackAdapter && !software) throw noWebGpu("WebGPU has only a software renderer here");
  const fp16 = adapter.features.has("shader-f16");
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: fp16 ? ["shader-f16"] : [],
      requiredLimits: limitsOf(adapter),
    });
    return { device, name: adapterName(adapter.info), fp16 };
  } catch (cause) {
    throw noWebGpu("The graphics card refused to work for WebGPU", cause);
  }
}

/** Every limit at the adapter's maximum: the defaults (128 MiB a binding) are too small for SD 1.5. */
function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  // Limits are getters of the prototype, which only `in` enumerates.
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[name] = value;
  }
  return limits;
}

function adapterName({ description, vendor, architecture, device }: GPUAdapterInfo): string {
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "graphics card";
}

function noWebGpu(what: string, cause?: unknown): ZoetropeError {
  return new ZoetropeError("device/no-webgpu", {
    message: `${what}.`,
    hint: "Rendering works on the processor too, only slower.",
    cause,
  });
}
