/** Lists syntax of other tools in the prompts that this page reads as plain words. */
import { useMemo } from "react";
import { useStudio } from "../studio-context.tsx";
import { listed } from "../words/listed.ts";
import css from "./panel.module.css";
import { unreadSyntax } from "./unread-syntax.ts";

export function UnreadSyntax() {
  const prompt = useStudio((state) => state.prompt);
  const negative = useStudio((state) => state.negative);
  const keyframes = useStudio((state) => state.keyframes);
  const plain = useStudio((state) => state.promptSyntax === "plain");
  const unread = useMemo(
    () => (plain ? [] : unreadSyntax([prompt, negative, ...keyframes.map(({ text }) => text)])),
    [prompt, negative, keyframes, plain],
  );
  if (unread.length === 0) return null;
  return <p className={css.unread}>Read as plain words here: {listed(unread)}</p>;
}
