/**
 * What torch.save wrote before PyTorch 1.6: five pickles (a magic number, the protocol, facts about the machine, the object, the
 * list of storage keys), then for each key the number of elements (int64) and the elements. Source: PyTorch, torch/serialization.py
 * (`_legacy_save`, `_legacy_load`).
 */

import { bytesWords } from "../../core/amounts.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { type PickleHost, unpickle } from "./pickle.ts";
import { PickleEnd } from "./pickle-input.ts";
import { refuseCutShort, refuseDamaged, refuseUnsupported } from "./refuse.ts";
import type { StorageRef } from "./tensor-view.ts";
import { type OpenedPickle, torchHost } from "./torch-pickle.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const FIRST_READ = 256 * 1024;
const LARGEST_PICKLE = 32 * 2 ** 20;
/** The number of elements before each storage's own bytes. */
const COUNT_BYTES = 8;

interface Pickles {
  readonly root: unknown;
  readonly keys: readonly unknown[];
  /** Every storage that the object names, by key. */
  readonly storages: ReadonlyMap<string, StorageRef>;
  /** Where the first storage begins. */
  readonly end: number;
}

interface Place {
  /** Of the element count; the elements follow it. */
  readonly begin: number;
  readonly ref: StorageRef;
}

export async function openLegacyContainer(source: ByteSource): Promise<OpenedPickle> {
  const { root, keys, storages, end } = await readPickles(source);
  const places = new Map<string, Place>();
  let at = end;
  for (const key of keys) {
    const ref = typeof key === "string" ? storages.get(key) : undefined;
    if (ref === undefined || places.has(ref.key))
      return refuseDamaged(source.name, "lists a storage that no tensor uses, or one twice");
    places.set(ref.key, { begin: at, ref });
    at += COUNT_BYTES + ref.bytes;
  }
  if (at > source.size) refuseCutShort(source.name, `${bytesWords(at - source.size)} of ${bytesWords(at)} are missing`);
  const checked = new Map<string, Promise<void>>();
  return {
    root,
    storageBytes: (key) => places.get(key)?.ref.bytes ?? null,
    readStorage: async (key, offset, length) => {
      const { begin, ref } = places.get(key)!;
      const check = checked.get(key) ?? checkCount(source, begin, ref);
      checked.set(key, check);
      await check;
      return readExactly(source, begin + COUNT_BYTES + offset, length);
    },
  };
}

async function checkCount(source: ByteSource, begin: number, ref: StorageRef): Promise<void> {
  const bytes = await readExactly(source, begin, COUNT_BYTES);
  const count = new DataView(bytes.buffer, bytes.byteOffset, COUNT_BYTES).getBigInt64(0, true);
  if (count !== BigInt(ref.length)) refuseDamaged(source.name, "contradicts itself about the length of a storage");
}

/** The length of the pickles is told nowhere, so more and more of the file is read until they end. */
async function readPickles(source: ByteSource): Promise<Pickles> {
  const most = Math.min(source.size, LARGEST_PICKLE);
  for (let length = Math.min(most, FIRST_READ); ; length = Math.min(most, 4 * length)) {
    const bytes = await readExactly(source, 0, length);
    try {
      return runPickles(bytes, source.name);
    } catch (thrown) {
      if (!(thrown instanceof PickleEnd)) throw thrown;
      if (length === most) return refuseDamaged(source.name, "ends before the description of its contents does");
    }
  }
}

function runPickles(bytes: Uint8Array, fileName: string): Pickles {
  const host = torchHost(fileName);
  const storages = new Map<string, StorageRef>();
  const noting: PickleHost = {
    ...host,
    persistent: (id) => {
      const ref = host.persistent(id) as StorageRef;
      const known = storages.get(ref.key);
      if (known !== undefined && (known.length !== ref.length || known.dtype !== ref.dtype))
        host.refuse("contradicts itself about a storage");
      storages.set(ref.key, ref);
      return ref;
    },
  };
  const magic = unpickle(bytes, 0, host);
  if (magic.value !== MAGIC) {
    // A pickle by itself has run to its end, so that whatever it asks for has been refused by name.
    return refuseUnsupported(
      fileName,
      "is a Python pickle that PyTorch did not write: it can hold no tensors",
      "Choose the model file that belongs to it.",
    );
  }
  const protocol = unpickle(bytes, magic.end, host);
  if (protocol.value !== PROTOCOL) refuseDamaged(fileName, "has a PyTorch protocol that is not known");
  const machine = unpickle(bytes, protocol.end, host);
  if (machine.value instanceof Map && machine.value.get("little_endian") === false) {
    refuseUnsupported(fileName, "was written on a big-endian machine, whose numbers are not read here", "Look for another copy.");
  }
  const root = unpickle(bytes, machine.end, noting);
  const keys = unpickle(bytes, root.end, host);
  if (!Array.isArray(keys.value)) return refuseDamaged(fileName, "has no list of storages");
  return { root: root.value, keys: keys.value, storages, end: keys.end };
}
