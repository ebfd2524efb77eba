/** On a phone: what the header has no room for, and the row under the filmstrip. */
import { Bookmark, Ellipsis, Keyboard, Layers, LayoutGrid, Link, MonitorDown, Redo2 } from "lucide-react";
import { DropdownMenu, Toolbar } from "radix-ui";
import controls from "../controls/controls.module.css";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./header.module.css";
import { ThemeItems } from "./ThemeButton.tsx";

export function MoreMenu() {
  const redoSteps = useStudio((state) => state.redoSteps);
  const made = useStudio((state) => state.history.length > 0);
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  const nothingShown = useStudio((state) => state.clip === null);
  const onionSkin = useStudio((state) => state.onionSkin);
  const setOnionSkin = useStudio((state) => state.setOnionSkin);
  const install = useStudio((state) => state.install);
  const actions = useActions();
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Toolbar.Button className={`${controls.icon} ${css.narrowOnly}`} aria-label="More">
          <Ellipsis aria-hidden />
        </Toolbar.Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={css.menu} align="end" sideOffset={6} collisionPadding={8}>
          <DropdownMenu.Item className={css.menuItem} disabled={!made} onSelect={() => setOpenPanel("animations")}>
            <LayoutGrid aria-hidden />
            Animations
          </DropdownMenu.Item>
          <DropdownMenu.Item className={css.menuItem} disabled={redoSteps === 0} onSelect={actions.redo}>
            <Redo2 aria-hidden />
            Redo
          </DropdownMenu.Item>
          <DropdownMenu.CheckboxItem
            className={css.menuItem}
            disabled={nothingShown}
            checked={onionSkin}
            onCheckedChange={setOnionSkin}
          >
            <Layers aria-hidden />
            Onion skin
          </DropdownMenu.CheckboxItem>
          <DropdownMenu.Item className={css.menuItem} onSelect={() => setOpenPanel("presets")}>
            <Bookmark aria-hidden />
            Presets and styles
          </DropdownMenu.Item>
          <DropdownMenu.Item className={css.menuItem} onSelect={() => void actions.copyLink()}>
            <Link aria-hidden />
            Copy link
          </DropdownMenu.Item>
          <DropdownMenu.Item className={css.menuItem} onSelect={() => setOpenPanel("keys")}>
            <Keyboard aria-hidden />
            Keys
          </DropdownMenu.Item>
          {install !== null && (
            <DropdownMenu.Item className={css.menuItem} onSelect={install}>
              <MonitorDown aria-hidden />
              Install
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Separator className={css.menuLine} />
          <ThemeItems />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
