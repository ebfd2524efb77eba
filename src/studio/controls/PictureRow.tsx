/** Pictures in use: the first of them, their name, and a button that removes them. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import controls from "./controls.module.css";
import css from "./picture-row.module.css";

interface PictureRowProps {
  /** The use of the pictures: "Begins with". */
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
    <div className={css.row}>
      {url !== null && <img className={css.picture} src={url} alt="" />}
      <p className={css.name}>
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
