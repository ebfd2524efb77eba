/** The form that makes a style of words. */
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import controls from "../controls/controls.module.css";
import { useActions } from "../studio-context.tsx";
import css from "./presets.module.css";

const empty = { name: "", prompt: "", negative: "" };

export function StyleForm() {
  const [open, setOpen] = useState(false);
  const [style, setStyle] = useState(empty);
  const actions = useActions();
  const name = style.name.trim();
  const usable = name !== "" && (style.prompt.trim() !== "" || style.negative.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!usable) return;
    void actions.saveStyle({ ...style, name });
    setStyle(empty);
    setOpen(false);
  };
  if (!open) {
    return (
      <button type="button" className={controls.button} onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        New style
      </button>
    );
  }
  const field = (key: keyof typeof empty, label: string, placeholder: string) => (
    <label className={css.field}>
      <span>{label}</span>
      <input
        className={css.text}
        type="text"
        placeholder={placeholder}
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: the form was asked for
        autoFocus={key === "name"}
        value={style[key]}
        onChange={({ target }) => setStyle({ ...style, [key]: target.value })}
      />
    </label>
  );
  return (
    <form className={css.styleForm} aria-label="New style" onSubmit={submit}>
      {field("name", "Style name", "Film")}
      {field("prompt", "Words", "film still of {prompt}, grain")}
      {field("negative", "Negative words", "cartoon")}
      <div className={css.formButtons}>
        <button type="button" className={controls.button} onClick={() => setOpen(false)}>
          Cancel
        </button>
        <button type="submit" className={controls.primary} disabled={!usable}>
          Save style
        </button>
      </div>
    </form>
  );
}
