/** The examples with their captions, and the button that brings more. */
import { ImagePlus, Play, X } from "lucide-react";
import { useRef } from "react";
import controls from "../controls/controls.module.css";
import { filesOfInput } from "../controls/dropped-files.ts";
import type { DraftExample } from "../store/teach.ts";
import { useActions } from "../studio-context.tsx";
import css from "./teach.module.css";
import { usePngUrl } from "./use-png-url.ts";

interface ExampleGridProps {
  readonly examples: readonly DraftExample[];
  /** Files that are still being read. */
  readonly reading: number;
  /** Whether it takes one clip only. */
  readonly oneClip: boolean;
}

export function ExampleGrid({ examples, reading, oneClip }: ExampleGridProps) {
  const input = useRef<HTMLInputElement>(null);
  const { teachWith } = useActions();
  const empty = examples.length === 0 && reading === 0;
  return (
    <>
      {!empty && (
        <ul className={css.examples} aria-label="Examples">
          {examples.map((example) => (
            <ExampleCard key={example.id} example={example} />
          ))}
        </ul>
      )}
      <div className={css.bring} data-empty={empty || undefined}>
        {!(oneClip && examples.length > 0) && (
          <button type="button" className={controls.button} onClick={() => input.current?.click()}>
            <ImagePlus aria-hidden />
            {oneClip ? "Choose a clip" : empty ? "Choose pictures" : "More pictures"}
          </button>
        )}
        <p className={css.soft} role="status">
          {reading > 0 ? `Reading ${reading} more` : oneClip ? clipWords(examples) : pictureWords}
        </p>
      </div>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="image/*,video/*,.txt"
        aria-label="Pictures to learn from"
        onChange={({ currentTarget }) => {
          void teachWith(filesOfInput(currentTarget));
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </>
  );
}

const pictureWords = "or drop them here: PNG, JPEG, WebP; GIFs and videos for movement; .txt files of the same names as captions";

function clipWords({ length }: readonly DraftExample[]): string {
  return length === 0 ? "or drop it here: a GIF or a video" : "";
}

function ExampleCard({ example: { id, name, frames, caption } }: { example: DraftExample }) {
  const { removeExample, setCaption } = useActions();
  const url = usePngUrl(frames[0]!);
  return (
    <li className={css.example}>
      <div className={css.picture}>
        {url !== null && <img src={url} alt="" />}
        {frames.length > 1 && (
          <span className={css.clip}>
            <Play aria-hidden />
            {frames.length} frames
          </span>
        )}
        <button type="button" className={css.remove} aria-label={`Remove ${name}`} onClick={() => removeExample(id)}>
          <X aria-hidden />
        </button>
      </div>
      <textarea
        className={css.caption}
        aria-label={`Caption of ${name}`}
        placeholder="no caption"
        rows={2}
        value={caption}
        onChange={({ target }) => setCaption(id, target.value)}
      />
    </li>
  );
}
