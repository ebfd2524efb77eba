/** Says how many renderings run and wait, and opens the queue. */
import { ListVideo } from "lucide-react";
import { Popover, Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { lateComponent } from "../controls/late-component.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./queue.module.css";

const Queue = lateComponent(() => import("./Queue.tsx").then((loaded) => loaded.Queue));

export function QueueButton() {
  const waiting = useStudio((state) => state.queue.length);
  const running = useStudio((state) => state.job.status === "running");
  const held = useStudio((state) => state.queue.some((render) => render.held));
  const count = waiting + (running ? 1 : 0);
  return (
    <Popover.Root>
      <Hint text="What is being made and what waits for its turn.">
        <Popover.Trigger asChild>
          <Toolbar.Button className={css.trigger} aria-label={`Queue: ${count}`} data-held={held}>
            <ListVideo aria-hidden />
            <span className={css.triggerWord}>Queue</span>
            <span className={css.count} data-some={count > 0}>
              {count}
            </span>
          </Toolbar.Button>
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className={`${controls.sheet} ${css.popover}`}
          align="end"
          sideOffset={8}
          collisionPadding={8}
          aria-label="Queue"
        >
          <Queue />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
