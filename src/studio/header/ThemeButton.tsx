/** Dark, light, or as the system has it. */
import { Monitor, Moon, Sun } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import controls from "../controls/controls.module.css";
import css from "./header.module.css";
import { type Theme, useTheme } from "./theme.ts";

const themes = [
  { value: "system", label: "As the system", Icon: Monitor },
  { value: "light", label: "Light", Icon: Sun },
  { value: "dark", label: "Dark", Icon: Moon },
] as const;

export function ThemeButton() {
  const [theme, setTheme] = useTheme();
  const { Icon } = themes.find(({ value }) => value === theme) ?? themes[0];
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={controls.icon} aria-label="Dark or light">
        <Icon aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={css.menu} align="end" sideOffset={6} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {themes.map(({ value, label, Icon: Each }) => (
              <DropdownMenu.RadioItem key={value} value={value} className={css.menuItem}>
                <Each aria-hidden />
                {label}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
