/** Textual inversions: words that stand for vectors. They work inside a prompt, so their buttons add them to it. */
import type { ShelfItem } from "../../protocol/engine.ts";
import { Hint } from "../controls/Hint.tsx";
import { useStudio } from "../studio-context.tsx";
import { aboutWords } from "./about-words.ts";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";

export function Embeddings() {
  const shelf = useStudio((state) => state.shelf);
  const embeddings = shelf.filter(({ kind }) => kind === "embedding");
  if (embeddings.length === 0) return null;
  return (
    <>
      <h3 className={css.kind}>Embeddings</h3>
      <ul aria-label="Embeddings">
        {embeddings.map((item) => (
          <EmbeddingRow key={item.id} item={item} />
        ))}
      </ul>
    </>
  );
}

function EmbeddingRow({ item }: { item: ShelfItem }) {
  const prompt = useStudio((state) => state.prompt);
  const negative = useStudio((state) => state.negative);
  const setPrompt = useStudio((state) => state.setPrompt);
  const setNegative = useStudio((state) => state.setNegative);
  return (
    <li className={css.embedding}>
      <Hint text={`${aboutWords(item)}. It works where its name stands in a prompt.`} align="start">
        <span className={css.name}>
          <span>{item.name}</span>
        </span>
      </Hint>
      <AddWord word={item.name} to="prompt" text={prompt} onText={setPrompt} />
      <AddWord word={item.name} to="negative" text={negative} onText={setNegative} />
      <RemoveButton item={item} />
    </li>
  );
}

interface AddWordProps {
  readonly word: string;
  readonly to: "prompt" | "negative";
  readonly text: string;
  readonly onText: (text: string) => void;
}

function AddWord({ word, to, text, onText }: AddWordProps) {
  const there = text.toLowerCase().includes(word.toLowerCase());
  const where = to === "prompt" ? "the prompt" : "the negative prompt";
  return (
    <Hint text={there ? `It stands in ${where}.` : `Write it into ${where}.`}>
      <button
        type="button"
        className={css.word}
        aria-label={`Add ${word} to ${where}`}
        disabled={there}
        onClick={() => onText(text.trim() === "" ? word : `${text}, ${word}`)}
      >
        {to}
      </button>
    </Hint>
  );
}
