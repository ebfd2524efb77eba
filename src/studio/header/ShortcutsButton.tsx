/** Opens the keys of the page. */
import { Keyboard } from "lucide-react";
import { Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

export function ShortcutsButton() {
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  return (
    <Hint text="The keys of this page (?).">
      <Toolbar.Button
        className={`${controls.icon} ${css.wideOnly}`}
        aria-label="Keys"
        aria-haspopup="dialog"
        onClick={() => setOpenPanel("keys")}
      >
        <Keyboard aria-hidden />
      </Toolbar.Button>
    </Hint>
  );
}
