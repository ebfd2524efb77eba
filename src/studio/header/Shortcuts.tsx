/** The keys of the page. */
import { Keyboard } from "lucide-react";
import { Popover } from "radix-ui";
import controls from "../controls/controls.module.css";
import css from "./header.module.css";

const shortcuts = [
  ["Ctrl ⏎", "Generate"],
  ["Esc", "Stop"],
  ["Space", "Play or pause"],
  ["← →", "One frame back or on"],
  ["↑ ↓", "In a number: one step, with Shift ten"],
] as const;

export function Shortcuts() {
  return (
    <Popover.Root>
      <Popover.Trigger className={`${controls.icon} ${css.shortcuts}`} aria-label="Keys">
        <Keyboard aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={controls.popover} align="end" sideOffset={8} collisionPadding={8} aria-label="Keys">
          <dl className={css.keys}>
            {shortcuts.map(([keys, what]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
