/** Requests the WebGPU device that sessions run on: with all limits of the adapter, fp16 where the adapter has it, and chosen features. */

import { ZoetropeError } from "../../../core/errors.ts";
import type { FasterFeature } from "./card-features.ts";

export interface GpuAdapter {
  readonly adapter: GPUAdapter;
  /** Maker and model as far as the browser reports them. */
  readonly name: string;
  readonly fp16: boolean;
}

/**
 * @param software whether a software renderer will do; it is slower than WebAssembly, so only tests want it
 * @returns an adapter, which gives one device
 * @throws ZoetropeError `device/no-webgpu` with what is missing
 */
export async function requestGpu(software: boolean): Promise<GpuAdapter> {
  // TypeScript declares it as always present, but insecure contexts and older browsers lack it.
  const gpu: GPU | undefined = navigator.gpu;
  if (gpu === undefined) throw noWebGpu("This browser has no WebGPU");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (adapter === null) throw noWebGpu("WebGPU found no graphics card that it may use");
  if (adapter.info.isFallbackAdapter && !software) throw noWebGpu("WebGPU has only a software renderer here");
  return { adapter, name: adapterName(adapter.info), fp16: adapter.features.has("shader-f16") };
}

/** @throws ZoetropeError `device/no-webgpu` */
export async function requestDevice({ adapter, fp16 }: GpuAdapter, features: readonly FasterFeature[]): Promise<GPUDevice> {
  try {
    // TypeScript does not know experimental features.
    const wanted = [...(fp16 ? ["shader-f16"] : []), ...features] as GPUFeatureName[];
    return await adapter.requestDevice({ requiredFeatures: wanted, requiredLimits: limitsOf(adapter) });
  } catch (cause) {
    throw noWebGpu("The graphics card refused to work for WebGPU", cause);
  }
}

/** Names card, driver and engine, so that what was found out about them is not taken for others. */
export function cardKey({ info }: GPUAdapter, engineVersion: string): string {
  const { vendor, architecture, device, description } = info;
  // Browsers tell the driver only to developers; else the browser's version stands for it.
  const { driver = navigator.userAgent } = info as { readonly driver?: string };
  return JSON.stringify([vendor, architecture, device, description, driver, engineVersion]);
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
