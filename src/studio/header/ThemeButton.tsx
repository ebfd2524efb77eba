/** Chooses the theme: dark, light, or as the system. */
import { DropdownMenu, Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import css from "./header.module.css";
import { type Theme, useTheme } from "./theme.ts";
import { themes } from "./themes.ts";

export function ThemeButton() {
  const [theme] = useTheme();
  const { Icon } = themes.find(({ value }) => value === theme) ?? themes[0];
  return (
    <DropdownMenu.Root>
      <Hint text="Dark, light, or as the system has it.">
        <DropdownMenu.Trigger asChild>
          <Toolbar.Button className={`${controls.icon} ${css.wideOnly}`} aria-label="Dark or light">
            <Icon aria-hidden />
          </Toolbar.Button>
        </DropdownMenu.Trigger>
      </Hint>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={css.menu} align="end" sideOffset={6} collisionPadding={8}>
          <ThemeItems />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Within a menu. */
export function ThemeItems() {
  const [theme, setTheme] = useTheme();
  return (
    <DropdownMenu.RadioGroup value={theme} aria-label="Dark or light" onValueChange={(value) => setTheme(value as Theme)}>
      {themes.map(({ value, label, Icon }) => (
        <DropdownMenu.RadioItem key={value} value={value} className={css.menuItem}>
          <Icon aria-hidden />
          {label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
