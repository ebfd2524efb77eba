/** A small copy of a picture, drawn again only when the picture changes. */
import { memo, useEffect, useRef } from "react";
import { paint } from "./paint.ts";

interface ThumbnailProps {
  readonly image: ImageData | undefined;
  readonly className?: string | undefined;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
}

export const Thumbnail = memo(function Thumbnail({ image, className, width, height }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null && image !== undefined) {
      Object.assign(canvas.current, { width, height }); // also clears it
      paint(canvas.current, image, "low");
    }
  }, [image, width, height]);
  return <canvas ref={canvas} className={className} width={width} height={height} aria-hidden />;
});
