/**
 * Works around a hang while a session opens (seen with SD 1.5). onnxruntime reads each weight through the stream of a slice of
 * its Blob and keeps only the promise of the next piece, so Chromium may collect the stream while it is being read. A slice that
 * is read as a whole stays alive until it has arrived.
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
