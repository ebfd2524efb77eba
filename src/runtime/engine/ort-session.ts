/** A session over onnxruntime-web or onnxruntime-node: tensors in, copies out, one call at a time. */

import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import type { HostTensor, Session } from "./backend.ts";
import type { Mutex } from "./mutex.ts";

type TensorConstructor = typeof OrtTensor;

export function ortSession(session: InferenceSession, Tensor: TensorConstructor, mutex: Mutex): Session {
  return {
    run: (inputs) =>
      mutex.run(async () => {
        const feeds = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, toOrt(t, Tensor)]));
        const outputs = await session.run(feeds);
        const result: Record<string, HostTensor> = {};
        for (const [name, tensor] of Object.entries(outputs)) {
          result[name] = fromOrt(name, tensor as OrtTensor);
          (tensor as OrtTensor).dispose();
        }
        return result;
      }),
    release: () => mutex.run(() => session.release()),
  };
}

export function toOrt(tensor: HostTensor, Tensor: TensorConstructor): OrtTensor {
  switch (tensor.type) {
    case "float32":
      return new Tensor("float32", tensor.data, tensor.shape);
    case "int32":
      return new Tensor("int32", tensor.data, tensor.shape);
    case "bool":
      return new Tensor("bool", tensor.data, tensor.shape);
  }
}

function fromOrt(name: string, tensor: OrtTensor): HostTensor {
  if (tensor.type !== "float32") throw new TypeError(`output ${name} is ${tensor.type}; graphs give float32`);
  return { type: "float32", shape: tensor.dims, data: (tensor.data as Float32Array).slice() };
}
