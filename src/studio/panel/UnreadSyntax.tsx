/** Lists syntax in the prompts that is not read as its tool would read it, unless the person chose plain words. */
import { useMemo } from "react";
import { unreadNotices } from "../../core/prompt/unread-syntax.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

export function UnreadSyntax() {
  const prompt = useStudio((state) => state.prompt);
  const negative = useStudio((state) => state.negative);
  const promptAt = useStudio((state) => state.keyframes);
  const promptSyntax = useStudio((state) => (state.promptSyntax === "plain" ? "plain" : "a1111"));
  const longPrompts = useStudio((state) => (state.longPrompts === "truncate" ? "truncate" : "chunk"));
  const notices = useMemo(
    () => (promptSyntax === "plain" ? [] : unreadNotices({ prompt, negative, promptAt, promptSyntax, longPrompts })),
    [prompt, negative, promptAt, promptSyntax, longPrompts],
  );
  return notices.map((notice) => (
    <p key={notice} className={css.unread}>
      {notice}
    </p>
  ));
}
