/** Shows the running and waiting renderings, and lets the person reorder and cancel them. */
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type DragEvent, type MouseEvent, useState } from "react";
import type { QueuedRender } from "../../protocol/history.ts";
import controls from "../controls/controls.module.css";
import { progressWords } from "../render/progress-words.ts";
import { untitled } from "../store/history.ts";
import { fraction } from "../store/progress.ts";
import type { WaitingRender } from "../store/queue.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./queue.module.css";

export function Queue() {
  const queue = useStudio((state) => state.queue);
  const running = useStudio((state) => state.job.status === "running");
  const held = queue.some((render) => render.held);
  const moveQueued = useStudio((state) => state.moveQueued);
  const [dragged, setDragged] = useState<string | null>(null);
  const actions = useActions();
  if (queue.length === 0 && !running) {
    return (
      <p className={css.empty}>Nothing waits. While something is being made, Add to queue (Ctrl ⏎) puts the next behind it.</p>
    );
  }
  return (
    <>
      <ol className={css.list}>
        {running && <RunningRow />}
        {queue.map((render, place) => (
          <WaitingRow
            key={render.id}
            render={render}
            place={place}
            last={place === queue.length - 1}
            dragged={dragged === render.id}
            onDrag={setDragged}
            onDragOver={() => dragged !== null && dragged !== render.id && moveQueued(dragged, place)}
          />
        ))}
      </ol>
      <div className={css.foot}>
        {held && (
          <button
            type="button"
            className={controls.primary}
            onClick={(event) => {
              keepFocus(event);
              void actions.continueQueue();
            }}
          >
            Go on
          </button>
        )}
        <button type="button" className={controls.button} onClick={() => void actions.stopAll()}>
          Cancel all
        </button>
      </div>
    </>
  );
}

function RunningRow() {
  const job = useStudio((state) => state.job);
  const actions = useActions();
  if (job.status !== "running") return null;
  const stopping = job.stoppingSince !== null;
  return (
    <li className={css.row} data-running>
      <Words render={job.clip} note={stopping ? "Stopping after this step" : progressWords(job.progress)} />
      <span className={css.buttons}>
        <button
          type="button"
          className={controls.icon}
          aria-label={`Cancel: ${nameOf(job.clip)}`}
          disabled={stopping}
          onClick={(event) => {
            keepFocus(event);
            void actions.stop();
          }}
        >
          <X aria-hidden />
        </button>
      </span>
      <div className={css.progress} style={{ transform: `scaleX(${fraction(job.progress)})` }} />
    </li>
  );
}

interface WaitingRowProps {
  readonly render: WaitingRender;
  readonly place: number;
  readonly last: boolean;
  readonly dragged: boolean;
  readonly onDrag: (id: string | null) => void;
  readonly onDragOver: () => void;
}

function WaitingRow({ render, place, last, dragged, onDrag, onDragOver }: WaitingRowProps) {
  const moveQueued = useStudio((state) => state.moveQueued);
  const dropQueued = useStudio((state) => state.dropQueued);
  const name = nameOf(render);
  return (
    <li
      className={css.row}
      data-dragged={dragged}
      draggable
      onDragStart={(event: DragEvent) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", name);
        onDrag(render.id);
      }}
      onDragEnd={() => onDrag(null)}
      onDragOver={(event) => {
        event.preventDefault();
        onDragOver();
      }}
    >
      <Words render={render} note={render.held ? "held back" : place === 0 ? "next" : ""} />
      <span className={css.buttons}>
        <button
          type="button"
          className={controls.icon}
          aria-label={`Earlier: ${name}`}
          disabled={place === 0}
          onClick={() => moveQueued(render.id, place - 1)}
        >
          <ChevronUp aria-hidden />
        </button>
        <button
          type="button"
          className={controls.icon}
          aria-label={`Later: ${name}`}
          disabled={last}
          onClick={() => moveQueued(render.id, place + 1)}
        >
          <ChevronDown aria-hidden />
        </button>
        <button
          type="button"
          className={controls.icon}
          aria-label={`Cancel: ${name}`}
          onClick={(event) => {
            keepFocus(event);
            dropQueued(render.id);
          }}
        >
          <X aria-hidden />
        </button>
      </span>
    </li>
  );
}

function Words({ render, note }: { render: QueuedRender | { request: QueuedRender["request"] }; note: string }) {
  const { prompt, seed, frames, steps } = render.request.settings;
  return (
    <div className={css.words}>
      <p className={css.prompt}>{prompt || untitled}</p>
      <p className={css.facts}>{[note, `seed ${seed}`, `${frames} frames`, `${steps} steps`].filter(Boolean).join(" · ")}</p>
    </div>
  );
}

/** Moves the focus to the queue before the pressed button disappears. */
function keepFocus({ currentTarget }: MouseEvent<HTMLElement>): void {
  currentTarget.closest<HTMLElement>("[role=dialog]")?.focus();
}

function nameOf({ request }: Pick<QueuedRender, "request">): string {
  return `${request.settings.prompt || untitled}, seed ${request.settings.seed}`;
}
