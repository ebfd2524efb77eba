/** Texts in EXIF metadata, where JPEG and WebP files keep a picture's settings (Exif 2.32: TIFF structure, UserComment in section 4.6.5). */

/** TIFF tags that hold text: web UIs write UserComment, ComfyUI's nodes write ImageDescription, Make and Model. */
const USER_COMMENT = 0x9286;
const EXIF_FOLDER = 0x8769;
const TEXT_TAGS = new Set([0x010e, 0x010f, 0x0110]);

/** Bytes of a value by its TIFF type: 1 byte, 2 ASCII, 3 short, 4 long, 7 undefined. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1 };
const LONG = 4;
/** Bytes of UserComment's name of its encoding. */
const ENCODING_BYTES = 8;

/** @param tiff from its byte order mark on. Damage ends the reading. @returns UserComment first */
export function exifTexts(tiff: Uint8Array): string[] {
  const order = String.fromCharCode(...tiff.subarray(0, 2));
  if ((order !== "II" && order !== "MM") || tiff.length < 8) return [];
  const little = order === "II";
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const main = entries(view, view.getUint32(4, little), little);
  const pointer = main.find(({ tag, type }) => tag === EXIF_FOLDER && type === LONG);
  const exif = pointer === undefined ? [] : entries(view, view.getUint32(pointer.at, little), little);
  const bytesOf = ({ at, length }: Entry) => tiff.subarray(at, at + length);
  return [
    ...exif.filter(({ tag }) => tag === USER_COMMENT).map((entry) => userComment(bytesOf(entry), little)),
    ...main.filter(({ tag }) => TEXT_TAGS.has(tag)).map((entry) => new TextDecoder().decode(bytesOf(entry))),
  ]
    .map((text) => text.replace(/\0+$/, ""))
    .filter((text) => text.trim() !== "");
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  /** Place of the value. */
  readonly at: number;
  readonly length: number;
}

/** The entries of a TIFF folder whose values lie inside the file. */
function entries(view: DataView, start: number, little: boolean): Entry[] {
  if (start + 2 > view.byteLength) return [];
  const found: Entry[] = [];
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > view.byteLength) break;
    const type = view.getUint16(at + 2, little);
    const length = view.getUint32(at + 4, little) * (TYPE_BYTES[type] ?? 0);
    // Values of up to four bytes stand in the entry itself.
    const place = length <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (place + length <= view.byteLength) found.push({ tag: view.getUint16(at, little), type, at: place, length });
  }
  return found;
}

/** Eight letters name the encoding: ASCII, JIS, UNICODE (UTF-16), or none, which is read as UTF-8. */
function userComment(bytes: Uint8Array, little: boolean): string {
  const encoding = String.fromCharCode(...bytes.subarray(0, ENCODING_BYTES)).replace(/\0+$/, "");
  const text = bytes.subarray(ENCODING_BYTES);
  if (encoding === "UNICODE") return new TextDecoder(utf16Order(text, little)).decode(text);
  if (encoding === "JIS") return new TextDecoder("iso-2022-jp").decode(text);
  if (encoding === "ASCII" || encoding === "") return new TextDecoder().decode(text);
  // Some writers leave the name of the encoding out.
  return new TextDecoder().decode(bytes);
}

/** Writers disagree on whether the file's byte order holds for its texts too. Zero bytes, the upper halves of Latin letters, tell. */
function utf16Order(text: Uint8Array, little: boolean): "utf-16le" | "utf-16be" {
  if (text[0] === 0xff && text[1] === 0xfe) return "utf-16le";
  if (text[0] === 0xfe && text[1] === 0xff) return "utf-16be";
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < text.length; i += 2) {
    if (text[i] === 0) even += 1;
    if (text[i + 1] === 0) odd += 1;
  }
  if (even === odd) return little ? "utf-16le" : "utf-16be";
  return even > odd ? "utf-16be" : "utf-16le";
}
