/** A prompt field: Ctrl+↑/↓ changes the weight of the selected words, "<" offers the shelf's LoRAs. */
import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from "react";
import type { ShelfItem } from "../../protocol/engine.ts";
import { useStudio } from "../studio-context.tsx";
import { type LoraQuery, loraMention, loraQuery, offeredLoras } from "./lora-completion.ts";
import css from "./panel.module.css";
import { replaceText } from "./replace-text.ts";
import { weighWords } from "./weigh-words.ts";

interface PromptBoxProps {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly placeholder: string;
  readonly className: string | undefined;
  readonly rows: number;
  readonly id?: string;
  readonly describedBy?: string;
  readonly autoFocus?: boolean;
  readonly onFocus?: () => void;
  readonly onPaste?: (event: ClipboardEvent<HTMLTextAreaElement>) => void;
}

export function PromptBox({
  label,
  text,
  onText,
  placeholder,
  className,
  rows,
  id,
  describedBy,
  autoFocus = false,
  onFocus,
  onPaste,
}: PromptBoxProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const completion = useLoraCompletion(field);
  const announce = useStudio((state) => state.announce);

  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (completion.takesKey(event)) return;
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (direction === 0 || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = event.currentTarget;
    const weighed = weighWords({ text: value, start: selectionStart, end: selectionEnd }, direction);
    if (weighed === null) return;
    replaceText(event.currentTarget, weighed);
    announce(weighed.by);
  };

  return (
    <div className={css.promptBox}>
      <textarea
        ref={field}
        id={id}
        className={className}
        rows={rows}
        value={text}
        placeholder={placeholder}
        aria-label={label}
        aria-describedby={describedBy}
        aria-autocomplete="list"
        aria-controls={completion.open ? completion.listId : undefined}
        aria-activedescendant={completion.open ? completion.optionId(completion.active) : undefined}
        // biome-ignore lint/a11y/noAutofocus: only where the field is what was asked for (a new keyframe's popover)
        autoFocus={autoFocus}
        // The initial text is selected, so that typing replaces it.
        onFocus={autoFocus ? ({ currentTarget }) => currentTarget.select() : onFocus}
        onChange={({ target }) => {
          onText(target.value);
          completion.follow(target);
        }}
        onKeyDown={keys}
        onSelect={({ currentTarget }) => completion.follow(currentTarget)}
        onBlur={completion.close}
        onPaste={onPaste}
      />
      {completion.open && <LoraOffers {...completion} />}
    </div>
  );
}

interface LoraOffersProps {
  readonly offers: readonly ShelfItem[];
  readonly active: number;
  readonly listId: string;
  readonly optionId: (index: number) => string;
  readonly insert: (item: ShelfItem) => void;
}

function LoraOffers({ offers, active, listId, optionId, insert }: LoraOffersProps) {
  return (
    <div id={listId} className={css.offers} role="listbox" aria-label="LoRAs">
      {offers.map((item, index) => (
        // The field keeps the focus and handles the keys (aria-activedescendant).
        // biome-ignore lint/a11y/useFocusableInteractive: as above
        <div
          key={item.id}
          id={optionId(index)}
          className={css.offer}
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => {
            event.preventDefault();
            insert(item);
          }}
        >
          <span className={css.offerName}>{item.name}</span>
          <span className={css.offerSummary}>{item.summary}</span>
        </div>
      ))}
    </div>
  );
}

/** The list of LoRAs while a mention is being typed: its entries, and the keys that choose from it. */
function useLoraCompletion(field: { readonly current: HTMLTextAreaElement | null }) {
  const shelf = useStudio((state) => state.shelf);
  const announce = useStudio((state) => state.announce);
  const [query, setQuery] = useState<LoraQuery | null>(null);
  const [active, setActive] = useState(0);
  const listId = useId();
  const offers = query === null ? [] : offeredLoras(shelf, query);
  const open = offers.length > 0;
  const shown = Math.min(active, offers.length - 1);

  const insert = (item: ShelfItem) => {
    if (field.current === null || query === null) return;
    const by = loraMention(item);
    const end = query.start + by.length;
    replaceText(field.current, { start: query.start, end: field.current.selectionEnd, by, selected: { start: end, end } });
    setQuery(null);
    announce(`${item.name} called in the prompt`);
  };

  return {
    open,
    offers,
    active: shown,
    listId,
    optionId: (index: number) => `${listId}-${index}`,
    insert,
    close: () => setQuery(null),
    follow({ value, selectionStart, selectionEnd }: HTMLTextAreaElement) {
      const next = selectionStart === selectionEnd ? loraQuery(value, selectionStart) : null;
      if (next?.start === query?.start && next?.typed === query?.typed) return;
      setQuery(next);
      setActive(0);
      const count = next === null ? 0 : offeredLoras(shelf, next).length;
      if (count > 0) announce(count === 1 ? "One LoRA offered; Enter takes it" : `${count} LoRAs offered; arrow keys choose`);
    },
    takesKey(event: KeyboardEvent): boolean {
      if (!open || event.ctrlKey || event.metaKey) return false;
      switch (event.key) {
        case "ArrowDown":
          setActive((shown + 1) % offers.length);
          break;
        case "ArrowUp":
          setActive((shown - 1 + offers.length) % offers.length);
          break;
        case "Enter":
        case "Tab":
          insert(offers[shown]!);
          break;
        case "Escape":
          setQuery(null);
          break;
        default:
          return false;
      }
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}
