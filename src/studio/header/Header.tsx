/** The top line: whose page this is, and what it runs on. */
import { ZoetropeMark } from "../mark/ZoetropeMark.tsx";
import { QueueButton } from "../queue/QueueButton.tsx";
import { DeviceLine } from "./DeviceLine.tsx";
import css from "./header.module.css";
import { ModelChoice } from "./ModelChoice.tsx";
import { MoreMenu } from "./MoreMenu.tsx";
import { SettingsButtons } from "./SettingsButtons.tsx";
import { ShortcutsButton } from "./Shortcuts.tsx";
import { ThemeButton } from "./ThemeButton.tsx";

export function Header() {
  return (
    <header className={css.header}>
      <ZoetropeMark className={css.mark} />
      <h1 className={css.name}>Zoetrope</h1>
      <ModelChoice />
      {/* Its words change while the engine starts; the elements to its right do not move. */}
      <DeviceLine />
      <SettingsButtons />
      <QueueButton />
      <ShortcutsButton />
      <ThemeButton />
      <MoreMenu />
    </header>
  );
}
