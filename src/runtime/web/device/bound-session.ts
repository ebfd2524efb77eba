/**
 * A session whose inputs and outputs have buffers on the graphics card: an input that is the same array as in the last run is not sent
 * again, and outputs are read straight from the card. With buffers that stay the same onnxruntime can also record a run's commands once
 * and repeat them (graph capture).
 */

import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import type { HostTensor, Session } from "../../engine/backend.ts";
import { toOrt } from "../../engine/ort-session.ts";
import type { OrtModule } from "./ort-module.ts";

/** Bits of GPUBufferUsage and GPUMapMode, as WebGPU's specification numbers them. */
const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128 } as const;
const MAP_READ = 1;

interface Bound {
  readonly buffer: GPUBuffer;
  readonly tensor: OrtTensor;
  readonly shape: readonly number[];
  /** What the buffer holds. */
  data: HostTensor["data"] | null;
}

export function boundSession(
  session: InferenceSession,
  device: GPUDevice,
  { ort, mutex }: Pick<OrtModule, "ort" | "mutex">,
): Session {
  const inputs = new Map<string, Bound>();
  const outputs = new Map<string, Bound>();
  const bind = (shape: readonly number[]): Bound => {
    const size = shape.reduce((a, b) => a * b, 4);
    const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    const buffer = device.createBuffer({ size: Math.ceil(size / 16) * 16, usage });
    const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shape });
    return { buffer, tensor, shape, data: null };
  };
  const feed = (name: string, given: HostTensor): OrtTensor => {
    // Conditions are read by the processor.
    if (given.type !== "float32") return toOrt(given, ort.Tensor);
    let bound = inputs.get(name);
    if (bound === undefined || bound.shape.join() !== given.shape.join()) {
      bound?.buffer.destroy();
      bound = bind(given.shape);
      inputs.set(name, bound);
    }
    if (bound.data !== given.data) {
      device.queue.writeBuffer(bound.buffer, 0, given.data.buffer, given.data.byteOffset, given.data.byteLength);
      // A view into a larger array may get new contents and stay the same object; whole arrays are not written again.
      bound.data = given.data.byteLength === given.data.buffer.byteLength ? given.data : null;
    }
    return bound.tensor;
  };
  return {
    run: (given) =>
      mutex.run(async () => {
        if (outputs.size === 0) for (const { name, shape } of metadata(session)) outputs.set(name, bind(shape));
        const feeds = Object.fromEntries(Object.entries(given).map(([name, tensor]) => [name, feed(name, tensor)]));
        await session.run(feeds, Object.fromEntries([...outputs].map(([name, { tensor }]) => [name, tensor])));
        const read = [...outputs].map(async ([name, { buffer, shape }]) => {
          return [name, { type: "float32", shape, data: await contents(device, buffer, shape) }] as const;
        });
        return Object.fromEntries(await Promise.all(read));
      }),
    release: () =>
      mutex.run(async () => {
        await session.release();
        for (const { buffer } of [...inputs.values(), ...outputs.values()]) buffer.destroy();
      }),
  };
}

function metadata(session: InferenceSession): { name: string; shape: readonly number[] }[] {
  return session.outputMetadata.map((output) => {
    if (!output.isTensor) throw new TypeError(`output ${output.name} is not a tensor`);
    return { name: output.name, shape: output.shape.map(Number) };
  });
}

async function contents(device: GPUDevice, buffer: GPUBuffer, shape: readonly number[]): Promise<Float32Array> {
  const size = shape.reduce((a, b) => a * b, 4);
  const staging = device.createBuffer({ size: buffer.size, usage: USAGE.copyTarget | USAGE.mapRead });
  const commands = device.createCommandEncoder();
  commands.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([commands.finish()]);
  await staging.mapAsync(MAP_READ);
  const data = new Float32Array(staging.getMappedRange(0, size).slice(0));
  staging.destroy();
  return data;
}
