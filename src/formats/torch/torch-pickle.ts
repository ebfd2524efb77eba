/** Runs the pickles of a PyTorch file: names come from the fixed list, persistent ids are storages. */

import { ZoetropeError } from "../../core/errors.ts";
import { findGlobal, forbiddenText, Global, Instance, storageOf } from "./globals.ts";
import { type PickleHost, unpickle } from "./pickle.ts";
import { PickleEnd } from "./pickle-input.ts";
import { refuseDamaged } from "./refuse.ts";

/** A PyTorch file whose pickle was read, and the place of its storages. */
export interface OpenedPickle {
  /** What torch.save was given; tensors are `TensorView`s. */
  readonly root: unknown;
  /** Bytes that the file holds for the storage of this key; null where it holds none. */
  storageBytes(key: string): number | null;
  /** Bytes [offset, offset + length) of a storage that is there. */
  readStorage(key: string, offset: number, length: number): Promise<Uint8Array>;
}

/** A host for `unpickle`. @throws ZoetropeError `torch/forbidden` for a name that is not allowed, `torch/damaged` */
export function torchHost(fileName: string): PickleHost {
  const refuse = (problem: string): never => refuseDamaged(fileName, problem);
  const forbid = (path: string): never => {
    const { message, hint } = forbiddenText(path);
    throw new ZoetropeError("torch/forbidden", { message: `${fileName} ${message}`, hint });
  };
  return {
    refuse,
    global: (module, name) => findGlobal(module, name) ?? forbid(`${module}.${name}`),
    call: (callee, args) => {
      if (!(callee instanceof Global)) return refuse("calls something that is no class");
      return callee.call === null ? forbid(callee.name) : callee.call(args, refuse);
    },
    // Dicts and tensors have state, too, such as a state dict's version numbers, which no model needs.
    build: (object, state) => {
      if (object instanceof Instance) object.state = state;
      else if (typeof object !== "object" || object === null || object instanceof Global)
        refuse("gives state to something that has none");
    },
    persistent: (id) => storageOf(id) ?? refuse("names a storage in a way that PyTorch does not"),
  };
}

/** Like `unpickle`, for bytes that are known to be all. */
export function unpickleAll(bytes: Uint8Array, host: PickleHost): unknown {
  try {
    return unpickle(bytes, 0, host).value;
  } catch (thrown) {
    if (thrown instanceof PickleEnd) return host.refuse("describes its contents by a pickle that ends too early");
    throw thrown;
  }
}
