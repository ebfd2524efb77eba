/** The keys of the page; "?" opens them anywhere. */
import { Keyboard } from "lucide-react";
import { Popover } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

const shortcuts = [
  ["Ctrl ⏎", "Generate"],
  ["Esc", "Stop"],
  ["Space", "Play or pause"],
  ["← →", "One frame back or on"],
  ["I  O", "Begin or end playing at this frame"],
  ["N", "Onion skin"],
  ["K", "Change the prompt from this frame on"],
  ["Ctrl ↑ ↓", "In a prompt: more or less weight for the selected words"],
  ["<", "In a prompt: call a LoRA by name"],
  ["↑ ↓", "In a number: one step, with Shift ten"],
  ["Ctrl Z", "Undo; with Shift, redo"],
  ["?", "These keys"],
] as const;

export function Shortcuts() {
  const open = useStudio((state) => state.openPanel === "keys");
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  return (
    <Popover.Root open={open} onOpenChange={(next) => setOpenPanel(next ? "keys" : null)}>
      <Hint text="The keys of this page (?).">
        <Popover.Trigger className={`${controls.icon} ${css.shortcuts}`} aria-label="Keys">
          <Keyboard aria-hidden />
        </Popover.Trigger>
      </Hint>
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
