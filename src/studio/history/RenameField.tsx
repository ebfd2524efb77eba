/** The field that renames an animation. Enter or leaving the field accepts the name, Escape does not. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import css from "./library.module.css";

const longestTitle = 200;

interface RenameFieldProps {
  readonly title: string;
  /** Never empty; null: the name stays as it is. */
  readonly onTitle: (title: string | null) => void;
}

export function RenameField({ title, onTitle }: RenameFieldProps) {
  const [text, setText] = useState(title);
  const field = useRef<HTMLTextAreaElement>(null);
  const ended = useRef(false);
  useEffect(() => field.current?.select(), []);
  const end = (next: string | null) => {
    if (ended.current) return;
    ended.current = true;
    onTitle(next === title || next === "" ? null : next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    end(event.key === "Enter" ? text.trim() : null);
  };
  return (
    <textarea
      ref={field}
      className={css.rename}
      aria-label="Name of the animation"
      data-keeps-escape
      rows={2}
      maxLength={longestTitle}
      value={text}
      onChange={({ target }) => setText(target.value.replaceAll("\n", " "))}
      onKeyDown={onKeyDown}
      onBlur={() => end(text.trim())}
    />
  );
}
