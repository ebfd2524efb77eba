/**
 * The directory of a zip archive and the places of its records, zip64 included. Records are found by name in this directory alone, so a
 * name can lead nowhere outside the archive. PyTorch stores records as they are; compressed ones are refused, and with them zip bombs.
 * Source: PKWARE APPNOTE.TXT 6.3, sections 4.3 and 4.5.
 */

import { type ByteSource, readExactly } from "../byte-source.ts";
import { refuseCutShort, refuseDamaged, refuseUnsupported } from "./refuse.ts";

export interface ZipRecord {
  readonly name: string;
  readonly bytes: number;
  readonly stored: boolean;
  /** Where its local header lies; its bytes follow that. */
  readonly headerOffset: number;
}

const END = { signature: 0x06054b50, bytes: 22 } as const;
const END_64 = { signature: 0x06064b50, bytes: 56 } as const;
const LOCATOR_64 = { signature: 0x07064b50, bytes: 20 } as const;
const ENTRY = { signature: 0x02014b50, bytes: 46 } as const;
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const;
const LONGEST_COMMENT = 65535;
const ENCRYPTED = 1;
const STORED = 0;
const IN_EXTRA_32 = 0xffffffff;
const IN_EXTRA_16 = 0xffff;
/** A model of 2,000 tensors takes 150 kB. */
const LARGEST_DIRECTORY = 32 * 2 ** 20;

interface Directory {
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
}

/** Records by name. @throws ZoetropeError `torch/damaged` or `torch/unsupported` */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipRecord>> {
  const directory = await findDirectory(source);
  const bytes = await readExactly(source, directory.offset, directory.bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = new Map<string, ZipRecord>();
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    if (at + ENTRY.bytes > bytes.byteLength || view.getUint32(at, true) !== ENTRY.signature)
      refuseDamaged(source.name, `lists fewer records than the ${directory.entries} it announces`);
    const nameEnd = at + ENTRY.bytes + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const end = extraEnd + view.getUint16(at + 32, true);
    if (end > bytes.byteLength) refuseDamaged(source.name, "has a record whose description goes beyond the directory");
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY.bytes, nameEnd));
    if (records.has(name)) refuseDamaged(source.name, "holds two records of the same name");
    records.set(
      name,
      recordAt(new DataView(bytes.buffer, bytes.byteOffset + at, extraEnd - at), nameEnd - at, name, directory, source),
    );
    at = end;
  }
  return records;
}

/** @param entry one entry of the directory, up to the end of its extra fields, which begin at `extraBegin` */
function recordAt(entry: DataView, extraBegin: number, name: string, directory: Directory, source: ByteSource): ZipRecord {
  const told = [entry.getUint32(24, true), entry.getUint32(20, true), entry.getUint32(42, true)];
  const [bytes, packed, headerOffset] = zip64Values(entry, extraBegin, told, source.name) as [number, number, number];
  const method = entry.getUint16(10, true);
  if ((entry.getUint16(8, true) & ENCRYPTED) !== 0)
    refuseUnsupported(source.name, "is an encrypted archive", "Unpack it first, with its password.");
  if (method === STORED && bytes !== packed) refuseDamaged(source.name, "contradicts itself about the length of a record");
  if (headerOffset + LOCAL.bytes + packed > directory.offset)
    refuseDamaged(source.name, "has a record that goes beyond the end of the archive");
  return { name, bytes, stored: method === STORED, headerOffset };
}

/** Replaces each of uncompressed size, compressed size and offset that does not fit 32 bits by its 64 bits in the zip64 field. */
function zip64Values(entry: DataView, extraBegin: number, told: readonly number[], fileName: string): number[] {
  if (!told.includes(IN_EXTRA_32)) return [...told];
  for (let at = extraBegin; at + 4 <= entry.byteLength; at += 4 + entry.getUint16(at + 2, true)) {
    if (entry.getUint16(at, true) !== 0x0001) continue;
    let next = at + 4;
    const end = Math.min(entry.byteLength, next + entry.getUint16(at + 2, true));
    return told.map((value) => {
      if (value !== IN_EXTRA_32) return value;
      if (next + 8 > end) return refuseDamaged(fileName, "lacks the length of a record");
      next += 8;
      return Number(entry.getBigUint64(next - 8, true));
    });
  }
  return refuseDamaged(fileName, "lacks the length of a record");
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailBytes = Math.min(source.size, END.bytes + LONGEST_COMMENT);
  const tail = await readExactly(source, source.size - tailBytes, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tailBytes - END.bytes;
  while (at >= 0 && view.getUint32(at, true) !== END.signature) at -= 1;
  if (at < 0) refuseCutShort(source.name, "the list of contents, which a PyTorch file has at its end, is missing");
  const end = source.size - tailBytes + at;
  const plain: Directory = {
    entries: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const long = plain.entries === IN_EXTRA_16 || plain.bytes === IN_EXTRA_32 || plain.offset === IN_EXTRA_32;
  const { directory, limit } = long ? await findDirectory64(source, end) : { directory: plain, limit: end };
  if (directory.offset + directory.bytes > limit)
    refuseDamaged(source.name, "announces a list of contents that goes beyond its end");
  if (directory.bytes > LARGEST_DIRECTORY)
    refuseDamaged(source.name, "announces a list of contents far longer than a model needs");
  return directory;
}

/** @param end where the end record of 32 bits begins */
async function findDirectory64(source: ByteSource, end: number): Promise<{ directory: Directory; limit: number }> {
  const missing = "lacks the end record that its size needs";
  if (end < LOCATOR_64.bytes) refuseDamaged(source.name, missing);
  const locator = await viewOf(source, end - LOCATOR_64.bytes, LOCATOR_64.bytes);
  if (locator.getUint32(0, true) !== LOCATOR_64.signature) refuseDamaged(source.name, missing);
  const limit = Number(locator.getBigUint64(8, true));
  if (limit + END_64.bytes > end) refuseDamaged(source.name, missing);
  const record = await viewOf(source, limit, END_64.bytes);
  if (record.getUint32(0, true) !== END_64.signature) refuseDamaged(source.name, missing);
  const number = (at: number) => Number(record.getBigUint64(at, true));
  return { directory: { entries: number(32), bytes: number(40), offset: number(48) }, limit };
}

export function refuseCompressed(fileName: string): never {
  return refuseUnsupported(
    fileName,
    "is a compressed archive, which PyTorch never writes",
    "If it is an ordinary zip file, unpack it and drop the model inside.",
  );
}

/** Where the bytes of a record begin. Its local header repeats the name and has extra fields of its own, which PyTorch pads with. */
export async function recordBegin(source: ByteSource, record: ZipRecord): Promise<number> {
  if (!record.stored) refuseCompressed(source.name);
  const header = await viewOf(source, record.headerOffset, LOCAL.bytes);
  if (header.getUint32(0, true) !== LOCAL.signature) refuseDamaged(source.name, "has no record where one should begin");
  const begin = record.headerOffset + LOCAL.bytes + header.getUint16(26, true) + header.getUint16(28, true);
  if (begin + record.bytes > source.size) refuseDamaged(source.name, "has a record that goes beyond the end of the file");
  return begin;
}

async function viewOf(source: ByteSource, offset: number, length: number): Promise<DataView> {
  const bytes = await readExactly(source, offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
