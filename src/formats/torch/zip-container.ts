/**
 * PyTorch's zip archives: `NAME/data.pkl`, a record `NAME/data/KEY` for each storage, and in newer files `NAME/byteorder`.
 * Source: PyTorch, torch/serialization.py (`_save`, `_load`) and caffe2/serialize/inline_container.h.
 */

import { bytesWords } from "../../core/amounts.ts";
import { type ByteSource, readExactly } from "../byte-source.ts";
import { refuseDamaged, refuseUnsupported } from "./refuse.ts";
import { type OpenedPickle, torchHost, unpickleAll } from "./torch-pickle.ts";
import { readZipDirectory, recordBegin, refuseCompressed, type ZipRecord } from "./zip-archive.ts";

const PICKLE = /^[^/]+\/data\.pkl$/;
/** A model of 2,000 tensors takes 300 kB. */
const LARGEST_PICKLE = 32 * 2 ** 20;

export async function openZipContainer(source: ByteSource): Promise<OpenedPickle> {
  const records = await readZipDirectory(source);
  const pickle = [...records.values()].find(({ name }) => PICKLE.test(name));
  if (pickle === undefined) {
    return refuseUnsupported(
      source.name,
      "is a zip archive without a PyTorch model",
      "Unpack it, and drop the model files inside.",
    );
  }
  if (pickle.bytes > LARGEST_PICKLE)
    refuseDamaged(source.name, `takes ${bytesWords(pickle.bytes)} to describe its contents, far more than a model needs`);
  const folder = pickle.name.slice(0, -"data.pkl".length);
  if (records.has(`${folder}constants.pkl`)) {
    refuseUnsupported(
      source.name,
      "is a TorchScript program, which holds code beside its weights",
      "Look for a file with the weights alone, mostly a .safetensors.",
    );
  }
  await refuseBigEndian(source, records.get(`${folder}byteorder`));
  const bytes = await readExactly(source, await recordBegin(source, pickle), pickle.bytes);
  const storages = new Map<string, ZipRecord>();
  for (const record of records.values()) {
    if (!record.name.startsWith(`${folder}data/`)) continue;
    if (!record.stored) refuseCompressed(source.name);
    storages.set(record.name.slice(folder.length + 5), record);
  }
  const begins = new Map<string, Promise<number>>();
  return {
    root: unpickleAll(bytes, torchHost(source.name)),
    storageBytes: (key) => storages.get(key)?.bytes ?? null,
    readStorage: async (key, offset, length) => {
      const begin = begins.get(key) ?? recordBegin(source, storages.get(key)!);
      begins.set(key, begin);
      return readExactly(source, (await begin) + offset, length);
    },
  };
}

async function refuseBigEndian(source: ByteSource, record: ZipRecord | undefined): Promise<void> {
  if (record === undefined || record.bytes > 16) return;
  const order = new TextDecoder().decode(await readExactly(source, await recordBegin(source, record), record.bytes));
  if (order.trim() === "big")
    refuseUnsupported(
      source.name,
      "was written on a big-endian machine, whose numbers are not read here",
      "Look for another copy.",
    );
}
