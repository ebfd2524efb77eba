/** The top line: whose page this is, and what it runs on. */
import { Toolbar } from "radix-ui";
import { ZoetropeMark } from "../mark/ZoetropeMark.tsx";
import { QueueButton } from "../queue/QueueButton.tsx";
import { DeviceLine } from "./DeviceLine.tsx";
import css from "./header.module.css";
import { ModelChoice } from "./ModelChoice.tsx";
import { MoreMenu } from "./MoreMenu.tsx";
import { SettingsButtons } from "./SettingsButtons.tsx";
import { ShortcutsButton } from "./ShortcutsButton.tsx";
import { ThemeButton } from "./ThemeButton.tsx";

export function Header() {
  return (
    <header className={css.header}>
      <ZoetropeMark className={css.mark} />
      <h1 className={css.name}>Zoetrope</h1>
      <ModelChoice />
      {/* One tab stop; the arrow keys lead from button to button. */}
      <Toolbar.Root className={css.toolbar} aria-label="Page">
        {/* Its words change while the engine starts; the elements to its right do not move. */}
        <DeviceLine />
        <SettingsButtons />
        <QueueButton />
        <ShortcutsButton />
        <ThemeButton />
        <MoreMenu />
      </Toolbar.Root>
    </header>
  );
}
