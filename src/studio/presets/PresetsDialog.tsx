/** The dialog of presets and styles. */
import { Pencil, RotateCcw, Trash2, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import type { Named } from "../../storage/preset-store.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { PlainDialog } from "../controls/PlainDialog.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import { BuiltInStyles } from "./BuiltInStyles.tsx";
import css from "./presets.module.css";
import { StyleButton } from "./StyleButton.tsx";
import { StyleForm } from "./StyleForm.tsx";

export function PresetsDialog() {
  const open = useStudio((state) => state.openPanel === "presets");
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  return (
    <PlainDialog open={open} onClose={() => setOpenPanel(null)} className={css.presets}>
      <div className={css.top}>
        <Dialog.Title className={dialog.title}>Presets and styles</Dialog.Title>
        <Dialog.Close className={controls.icon} aria-label="Close">
          <X aria-hidden />
        </Dialog.Close>
      </div>
      <Contents onDone={() => setOpenPanel(null)} />
    </PlainDialog>
  );
}

function Contents({ onDone }: { onDone: () => void }) {
  const named = useStudio((state) => state.named);
  const forgets = useStudio((state) => state.namedLast === false);
  const actions = useActions();
  useEffect(() => void actions.readPresets(), [actions]);
  return (
    <div className={css.contents}>
      <section aria-labelledby="presets-title">
        <h3 id="presets-title" className={css.heading}>
          Presets
        </h3>
        <p className={css.about}>Settings and models under a name. Your words and the seed stay when you apply one.</p>
        <ul className={css.list}>
          <li className={css.row}>
            <button
              type="button"
              className={css.apply}
              onClick={() => {
                actions.resetSettings();
                onDone();
              }}
            >
              <RotateCcw aria-hidden />
              Reset to defaults
            </button>
          </li>
          {named.map((each) =>
            each.kind === "preset" ? (
              <NamedRow key={each.id} named={each}>
                <button
                  type="button"
                  className={css.apply}
                  onClick={() => {
                    actions.applyPreset(each);
                    onDone();
                  }}
                >
                  {each.name}
                </button>
              </NamedRow>
            ) : null,
          )}
        </ul>
        <SaveForm names={named.filter(({ kind }) => kind === "preset").map(({ name }) => name)} />
      </section>
      <section aria-labelledby="styles-title">
        <h3 id="styles-title" className={css.heading}>
          Styles
        </h3>
        <p className={css.about}>Words to go with any prompt: round it where {"{prompt}"} stands, else behind it.</p>
        <ul className={css.list}>
          {named.map((each) =>
            each.kind === "style" ? (
              <NamedRow key={each.id} named={each}>
                <StyleButton style={each} />
              </NamedRow>
            ) : null,
          )}
        </ul>
        <StyleForm />
        <BuiltInStyles />
      </section>
      {forgets && <p className={css.about}>This browser keeps no data here: these last only as long as this tab.</p>}
    </div>
  );
}

/** A row with a name that can be changed, and its removal. */
function NamedRow({ named, children }: { named: Named; children: ReactNode }) {
  const [renaming, setRenaming] = useState(false);
  const actions = useActions();
  if (renaming) {
    return (
      <li className={css.row}>
        <NameField
          label={`New name of ${named.name}`}
          first={named.name}
          button="Rename"
          onName={(name) => {
            setRenaming(false);
            if (name !== named.name) void actions.renameNamed(named, name);
          }}
        />
      </li>
    );
  }
  return (
    <li className={css.row}>
      {children}
      <button type="button" className={controls.icon} aria-label={`Rename ${named.name}`} onClick={() => setRenaming(true)}>
        <Pencil aria-hidden />
      </button>
      <button
        type="button"
        className={controls.icon}
        aria-label={`Delete ${named.name}`}
        onClick={() => void actions.removeNamed(named)}
      >
        <Trash2 aria-hidden />
      </button>
    </li>
  );
}

function SaveForm({ names }: { names: readonly string[] }) {
  const actions = useActions();
  return (
    <NameField
      label="Name of the preset"
      placeholder="Name for what is set now"
      button="Save"
      taken={names}
      onName={(name) => void actions.savePreset(name)}
    />
  );
}

interface NameFieldProps {
  readonly label: string;
  readonly first?: string;
  readonly placeholder?: string;
  readonly button: string;
  /** Saving under one of these names replaces what it stands for, and the button says so. */
  readonly taken?: readonly string[];
  readonly onName: (name: string) => void;
}

function NameField({ label, first = "", placeholder, button, taken = [], onName }: NameFieldProps) {
  const [text, setText] = useState(first);
  const name = text.trim();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name === "") return;
    onName(name);
    setText(first);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <input
        id={id}
        className={css.text}
        type="text"
        aria-label={label}
        placeholder={placeholder}
        maxLength={80}
        autoComplete="off"
        value={text}
        // biome-ignore lint/a11y/noAutofocus: only where the field is what was asked for (another name)
        autoFocus={first !== ""}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className={controls.button} disabled={name === ""}>
        {taken.includes(name) ? "Replace" : button}
      </button>
    </form>
  );
}
