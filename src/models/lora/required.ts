import { ZoetropeError } from "../../core/errors.ts";
import type { TensorRef } from "../tensors.ts";
import type { AdapterLayer, Role } from "./layer.ts";

/** The tensor of a layer in this role. Throws `lora/incomplete` naming the layer where the file lacks it. */
export function required({ name, tensors }: AdapterLayer, role: Role, fileName: string): TensorRef {
  const found = tensors[role];
  if (found !== undefined) return found;
  throw new ZoetropeError("lora/incomplete", {
    message: `${fileName} holds only a part of the layer "${name}": ${role} is missing.`,
    hint: "The file is incomplete. Download it again.",
  });
}
