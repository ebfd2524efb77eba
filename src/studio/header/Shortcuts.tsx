/** The keys of the page; "?" opens them anywhere. */
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

/** Keys side by side in one entry are pressed together; entries of one line are separate keys. */
const groups = [
  {
    title: "Anywhere",
    lines: [
      [["Ctrl ⏎"], "Generate, or add to the queue"],
      [["Esc"], "Stop; leave a comparison"],
      [["Ctrl Z"], "Undo: settings, or a deletion"],
      [["Ctrl Shift Z"], "Redo"],
      [["Ctrl V"], "Paste a picture, or settings as text"],
      [["?"], "These keys"],
    ],
  },
  {
    title: "On the animation",
    lines: [
      [["Space"], "Play or pause"],
      [["←", "→"], "One frame back or on"],
      [["I", "O"], "Begin or end playing at this frame"],
      [["N"], "Onion skin"],
      [["K"], "Change the prompt from this frame on"],
    ],
  },
  {
    title: "Among all animations",
    lines: [
      [["F2"], "Give it another name"],
      [["Del"], "Delete it"],
    ],
  },
  {
    title: "In a prompt",
    lines: [
      [["Ctrl ↑", "Ctrl ↓"], "More or less weight for the selected words"],
      [["<"], "Call a LoRA by name"],
    ],
  },
  {
    title: "In a number",
    lines: [
      [["↑", "↓"], "One step"],
      [["Shift ↑", "Shift ↓"], "Ten steps"],
    ],
  },
] as const;

export function Shortcuts() {
  const open = useStudio((state) => state.openPanel === "keys");
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => setOpenPanel(next ? "keys" : null)}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={`${dialog.content} ${css.keys}`} aria-describedby={undefined} {...returnFocus}>
          <div className={css.keysTop}>
            <Dialog.Title className={dialog.title}>Keys</Dialog.Title>
            <Dialog.Close className={controls.icon} aria-label="Close">
              <X aria-hidden />
            </Dialog.Close>
          </div>
          <div className={css.keyGroups}>
            {groups.map(({ title, lines }) => (
              <section key={title} aria-label={title}>
                <h3 className={css.keyGroupTitle}>{title}</h3>
                <dl className={css.keyLines}>
                  {lines.map(([keys, what]) => (
                    <div key={what}>
                      <dt>
                        {keys.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </dt>
                      <dd>{what}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
