/** Counts the tokens of a prompt against the length of the text encoder's chunks. */
import { useEffect, useState } from "react";
import type { TokenCount } from "../../protocol/tokens.ts";
import { Hint } from "../controls/Hint.tsx";
import { useStudio } from "../studio-context.tsx";
import { countTokens } from "./count-tokens.ts";
import css from "./panel.module.css";

const perChunk = 75;
const typingPauseMs = 200;

/** @param id the id by which the prompt's field refers to the count */
export function TokenCounter({ id, prompt }: { id: string; prompt: string }) {
  const count = useTokenCount(prompt);
  const longPrompts = useStudio((state) => state.longPrompts);
  const chunks = longPrompts === "chunk" ? (count?.chunks ?? 1) : 1;
  const unread = count === null ? 0 : Math.max(0, count.tokens - chunks * perChunk);
  return (
    <Hint text={hintOf(chunks, unread)}>
      <span id={id} className={css.tokens} data-over={unread > 0 || undefined}>
        {count === null ? "" : `${count.tokens} / ${chunks * perChunk}`}
        <span className="visually-hidden"> tokens{unread > 0 ? `, the last ${unread} are not read` : ""}</span>
      </span>
    </Hint>
  );
}

function hintOf(chunks: number, unread: number): string {
  if (unread > 0)
    return `The text encoder reads 75 tokens: the last ${unread} are not used. Long prompts under Advanced changes that.`;
  if (chunks > 1) return `Tokens, about one a word. The text encoder reads 75 at a time: this prompt is read in ${chunks} parts.`;
  return "Tokens, about one a word. The text encoder reads 75 at a time; a longer prompt is read in parts.";
}

/** null while unknown. Counting waits until the engine has started, which is more urgent, and for a pause in the typing. */
function useTokenCount(prompt: string): TokenCount | null {
  const [count, setCount] = useState<TokenCount | null>(null);
  const started = useStudio((state) => state.device.status !== "probing");
  const shelf = useStudio((state) => state.shelf);
  useEffect(() => {
    if (!started) return;
    const words = shelf.flatMap(({ name, tokens }) => (tokens === undefined ? [] : [{ name, tokens }]));
    let latest = true;
    const timer = setTimeout(async () => {
      const counted = await countTokens(prompt, words);
      if (latest) setCount(counted);
    }, typingPauseMs);
    return () => {
      latest = false;
      clearTimeout(timer);
    };
  }, [prompt, started, shelf]);
  return count;
}
