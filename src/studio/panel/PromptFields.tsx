/** The prompt and the negative prompt, with a few examples. */
import { Route } from "lucide-react";
import { Toolbar } from "radix-ui";
import { type ClipboardEvent, useRef } from "react";
import { maySaySettings } from "../../media/may-say-settings.ts";
import { Hint } from "../controls/Hint.tsx";
import { type Example, examplesOf } from "../settings/examples.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { KnownWordsButton } from "./KnownWordsButton.tsx";
import { LoraMentions } from "./LoraMentions.tsx";
import { NegativePrompt } from "./NegativePrompt.tsx";
import { PromptBox } from "./PromptBox.tsx";
import css from "./panel.module.css";
import { replaceText } from "./replace-text.ts";
import { TokenCounter } from "./TokenCounter.tsx";
import { UnknownWords } from "./UnknownWords.tsx";
import { UnreadSyntax } from "./UnreadSyntax.tsx";

const hint =
  "What should be seen, how it moves and in front of what. Ctrl ↑ and Ctrl ↓ give the selected words more or less weight.";

export function PromptFields() {
  const prompt = useStudio((state) => state.prompt);
  const setPrompt = useStudio((state) => state.setPrompt);
  const onPaste = usePasteSettings();
  /** Whether the person has been in the prompt. */
  const typed = useRef(false);
  return (
    <section className={css.section} aria-label="Words">
      <div className={css.promptHead}>
        <label className={css.heading} htmlFor="prompt">
          Prompt
        </label>
        <KnownWordsButton typed={typed} />
        <TokenCounter id="prompt-tokens" prompt={prompt} />
      </div>
      <Hint text={hint} side="right">
        <div>
          <PromptBox
            id="prompt"
            label="Prompt"
            describedBy="prompt-tokens prompt-hint"
            className={css.prompt}
            rows={3}
            text={prompt}
            placeholder="What should move, how, and in front of what"
            onText={setPrompt}
            onFocus={() => {
              typed.current = true;
            }}
            onPaste={onPaste}
          />
          <span id="prompt-hint" hidden>
            {hint}
          </span>
        </div>
      </Hint>
      <div className={css.remarks}>
        <UnknownWords />
        <LoraMentions />
        <UnreadSyntax />
      </div>
      <Examples />
      <NegativePrompt />
    </section>
  );
}

function Examples() {
  const prompt = useStudio((state) => state.prompt);
  const setPrompt = useStudio((state) => state.setPrompt);
  const setKeyframes = useStudio((state) => state.setKeyframes);
  const checkpoint = useStudio((state) => state.checkpoint);
  const actions = useActions();
  const choose = ({ prompt: text, keyframes = [], checkpoint: needed }: Example) => {
    if (needed !== undefined && needed !== checkpoint) actions.chooseModel("checkpoint", needed);
    setPrompt(text);
    setKeyframes(keyframes);
  };
  return (
    <Toolbar.Root className={css.examples} aria-label="Example prompts">
      <span>Try a</span>
      {examplesOf(checkpoint).map((example) => (
        <Hint key={example.title} text={example.hint ?? example.prompt}>
          <Toolbar.Button
            className={css.example}
            aria-label={`Example: ${example.prompt}`}
            aria-pressed={prompt === example.prompt}
            onClick={() => choose(example)}
          >
            {example.keyframes !== undefined && <Route aria-hidden />}
            {example.title}
          </Toolbar.Button>
        </Hint>
      ))}
    </Toolbar.Root>
  );
}

/** A pasted "parameters" text fills the settings; other texts are pasted unchanged. */
function usePasteSettings(): (event: ClipboardEvent<HTMLTextAreaElement>) => void {
  const actions = useActions();
  return (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!maySaySettings(text)) return;
    // The program that reads settings may have to be fetched; a paste is stopped now or not at all.
    event.preventDefault();
    const field = event.currentTarget;
    const read = async () => actions.pasteSettings(text);
    void read()
      .catch(() => false)
      .then((applied) => applied || pasteWords(field, text));
  };
}

function pasteWords(field: HTMLTextAreaElement, text: string): void {
  const { selectionStart: start, selectionEnd: end } = field;
  const after = start + text.length;
  replaceText(field, { start, end, by: text, selected: { start: after, end: after } });
}
