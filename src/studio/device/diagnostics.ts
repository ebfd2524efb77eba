/** The text for a bug report: adapter, limits, self-test, timings; no prompts, no names of files or models. */
import type { DeviceReport } from "../../protocol/engine.ts";
import type { Benchmark, LastRun } from "../store/device.ts";

/** Limits that decide whether a model fits. */
const tellingLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxBindGroups",
] as const;

export async function diagnostics(report: DeviceReport | null, last: LastRun | null, benchmark: Benchmark): Promise<string> {
  const { userAgent, hardwareConcurrency } = navigator;
  const memory = (navigator as { readonly deviceMemory?: number }).deviceMemory;
  const settings = last?.request.settings;
  return JSON.stringify(
    {
      page: { userAgent, isolated: crossOriginIsolated, cores: hardwareConcurrency, memoryGiB: memory ?? "unknown" },
      engine: report ?? "not started",
      adapter: await adapterFacts(),
      benchmark: benchmark.status === "done" ? { stepMs: Math.round(benchmark.stepMs), of: benchmark.words } : null,
      lastAnimation:
        settings === undefined
          ? null
          : {
              frames: settings.frames,
              size: `${settings.width}x${settings.height}`,
              steps: settings.steps,
              cfgScale: settings.cfgScale,
              sampler: settings.sampler,
              precision: settings.precision,
              timingsMs: last?.timingsMs,
            },
    },
    null,
    2,
  );
}

async function adapterFacts(): Promise<object | string> {
  // Typed as always there, but it is missing in insecure contexts and older browsers.
  const gpu: GPU | undefined = navigator.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (adapter == null) return gpu === undefined ? "no WebGPU in this browser" : "no adapter";
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const limits = Object.fromEntries(tellingLimits.map((name) => [name, adapter.limits[name]]));
  return { vendor, architecture, device, description, isFallbackAdapter, features: [...adapter.features].sort(), limits };
}
