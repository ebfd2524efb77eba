/**
 * onnxruntime reads each weight by the stream of a part of its Blob and keeps nothing but the promise of the next piece. Chromium may
 * collect such a stream while it is being read, and the session never opens (seen with SD 1.5). What a Blob is asked
 * for as a whole lives until it is there.
 */

/** The same Blob, whose parts read as one piece. */
export function wholeParts(blob: Blob): Blob {
  const slice = (start?: number, end?: number) => {
    const part = Blob.prototype.slice.call(blob, start, end);
    return Object.assign(part, { stream: () => onePiece(part) });
  };
  return Object.assign(blob, { slice });
}

function onePiece(part: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: async (controller) => {
      controller.enqueue(new Uint8Array(await part.arrayBuffer()));
      controller.close();
    },
  });
}
