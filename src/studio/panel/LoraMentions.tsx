/** Lists the LoRAs that the prompts call by `<lora:name:weight>`, and whether they are on the shelf. */
import { Check, CircleAlert } from "lucide-react";
import { useMemo } from "react";
import { useStudio } from "../studio-context.tsx";
import { mentionedLoras } from "./lora-completion.ts";
import css from "./panel.module.css";

export function LoraMentions() {
  const prompt = useStudio((state) => state.prompt);
  const keyframes = useStudio((state) => state.keyframes);
  const shelf = useStudio((state) => state.shelf);
  const plain = useStudio((state) => state.promptSyntax === "plain");
  const mentions = useMemo(
    () => (plain ? [] : mentionedLoras([prompt, ...keyframes.map(({ text }) => text)], shelf)),
    [prompt, keyframes, shelf, plain],
  );
  if (typeof mentions === "string") return <p className={css.mentionMissing}>{mentions}</p>;
  if (mentions.length === 0 || shelf.length === 0) return null;
  return (
    <ul className={css.mentions} aria-label="LoRAs called in the prompt">
      {mentions.map(({ name, weight, onShelf }) => (
        <li key={name} className={onShelf ? css.mention : css.mentionMissing}>
          {onShelf ? <Check aria-hidden /> : <CircleAlert aria-hidden />}
          {onShelf ? `${name} at ${weight}` : `${name} is not on the shelf and will be left out`}
        </li>
      ))}
    </ul>
  );
}
