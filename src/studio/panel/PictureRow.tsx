/** Pictures that were dropped and are in use: the first of them, their name, and a way to be rid of them. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import controls from "../controls/controls.module.css";
import css from "./panel.module.css";

interface PictureRowProps {
  /** What becomes of them: "Begins with". */
  readonly words: string;
  readonly name: string;
  readonly pictures: readonly Blob[];
  /** Accessible name of the button that removes them. */
  readonly removal: string;
  readonly onRemove: () => void;
}

export function PictureRow({ words, name, pictures, removal, onRemove }: PictureRowProps) {
  const url = useBlobUrl(pictures[0]);
  return (
    <div className={css.start}>
      {url !== null && <img className={css.startPicture} src={url} alt="" />}
      <p className={css.startName}>
        {words} {name}
        {pictures.length > 1 && `, ${pictures.length} pictures`}
      </p>
      <button type="button" className={controls.icon} aria-label={removal} onClick={onRemove}>
        <X aria-hidden />
      </button>
    </div>
  );
}

function useBlobUrl(blob: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (blob === undefined) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
