import { useEffect, useState } from "react";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a picture in pixels; null until it is known. */
export function usePictureSize(picture: Blob | undefined): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    let wanted = true;
    setSize(null);
    if (picture === undefined) return;
    createImageBitmap(picture).then(
      (bitmap) => {
        if (wanted) setSize({ width: bitmap.width, height: bitmap.height });
        bitmap.close();
      },
      () => undefined, // Generate says that it cannot be read
    );
    return () => {
      wanted = false;
    };
  }, [picture]);
  return size;
}
