/**
 * Shows errors as alerts, and notices, until they are dismissed. They lie over the stage, or over the settings where
 * the screen is narrow and only the newest is seen until a press opens the others. Nothing moves: neither what lies
 * below, nor a message when another one comes or goes by itself.
 * Errors stay outside the live region of the notices, because screen readers read an alert within a live region twice.
 */
import { ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { useNarrow } from "../controls/use-narrow.ts";
import type { Message } from "../store/render.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { MessageRow, RemovalRow } from "./MessageRow.tsx";
import css from "./messages.module.css";

/** The accessible name of the button below. */
export const generateId = "generate";

export function Messages() {
  const messages = useStudio((state) => state.messages);
  const removals = useStudio((state) => state.removals);
  const dismiss = useStudio((state) => state.dismiss);
  const actions = useActions();
  const narrow = useNarrow();
  const [opened, setOpened] = useState(false);
  const listId = useId();

  const removal = removals.at(-1);
  const count = messages.length + (removal === undefined ? 0 : 1);
  const open = opened && count > 1;
  useEffect(() => {
    if (count <= 1) setOpened(false);
  }, [count]);
  const newest = Math.max(...messages.map(({ id }) => id), removal?.id ?? 0);
  const isCovered = (id: number) => narrow && !open && id !== newest;
  const coveredErrors = messages.filter(({ id, kind }) => kind === "error" && isCovered(id)).length;

  /** The button disappears with its message, so the focus moves to the element after the messages. */
  const leaveTo = () => document.getElementById(generateId)?.focus();
  const leave = (id: number) => {
    dismiss(id);
    leaveTo();
  };
  const dismissAll = () => {
    for (const { id } of messages) dismiss(id);
    for (const _ of removals) actions.endRemoval();
    leaveTo();
  };
  const Chevron = open ? ChevronDown : ChevronUp;
  const rows = (belongs: (message: Message) => boolean) =>
    messages
      .filter(belongs)
      .toReversed()
      .map((message) => (
        <MessageRow
          key={message.id}
          message={message}
          covered={isCovered(message.id)}
          held={open || message.id !== newest}
          onDismiss={leave}
        />
      ));
  return (
    <div className={css.messages}>
      <div id={listId} className={css.list} data-stacked={(narrow && !open) || undefined}>
        <div className={css.group}>{rows(({ kind }) => kind === "error")}</div>
        {/* Exists before its first message, because screen readers often skip a live region that appears with its text. */}
        <div className={css.group} role="status" aria-atomic="false">
          {removal !== undefined && (
            <RemovalRow
              removal={removal}
              covered={isCovered(removal.id)}
              onDismiss={() => {
                actions.endRemoval();
                leaveTo();
              }}
            />
          )}
          {rows(({ kind }) => kind !== "error")}
        </div>
      </div>
      {narrow && count > 1 && (
        <div className={css.more}>
          <button
            type="button"
            className={css.moreButton}
            data-errors={(!open && coveredErrors > 0) || undefined}
            aria-expanded={open}
            aria-controls={listId}
            onClick={() => setOpened(!open)}
          >
            <Chevron className={css.moreIcon} aria-hidden />
            {open ? "Only the newest" : moreWords(count - 1, coveredErrors)}
          </button>
          {open && (
            <button type="button" className={css.moreButton} onClick={dismissAll}>
              Dismiss all
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function moreWords(count: number, errors: number): string {
  const failed = errors === 0 ? "" : errors === 1 ? ", 1 error" : `, ${errors} errors`;
  return `${count} more${failed}`;
}
