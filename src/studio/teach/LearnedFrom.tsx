/** Small pictures of what is learned from. */
import type { CaptionedExample } from "../../protocol/training.ts";
import css from "./teach.module.css";
import { usePngUrl } from "./use-png-url.ts";

/** More would fill the dialog. */
const mostShown = 12;

export function LearnedFrom({ examples }: { examples: readonly CaptionedExample[] }) {
  const more = examples.length - mostShown;
  return (
    <div>
      <ul className={css.shown} aria-label="Learned from">
        {examples.slice(0, mostShown).map(({ frames, caption }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a plan never changes
          <Shown key={i} frames={frames} caption={caption} />
        ))}
      </ul>
      {more > 0 && <p className={css.soft}>and {more} more</p>}
    </div>
  );
}

function Shown({ frames, caption }: CaptionedExample) {
  const url = usePngUrl(frames[0]!);
  return <li>{url !== null && <img src={url} alt={caption} title={caption} />}</li>;
}
