/** Shows a sentence on hover or focus. */
import { Tooltip } from "radix-ui";
import type { FocusEvent, ReactNode } from "react";
import css from "./controls.module.css";

interface HintProps {
  readonly text: string;
  /** One element that takes a ref. */
  readonly children: ReactNode;
  readonly align?: "start" | "center";
  /** "right" places it next to a whole row of the panel, so that it covers no other row. */
  readonly side?: "top" | "right";
}

export function Hint({ text, children, align = "center", side = "top" }: HintProps) {
  return (
    <Tooltip.Root>
      {/* Screen readers read the descriptions of the fields in a row, so focus in it opens no hint, which Escape would close first.
          Focus that returns from a dialog opens none either. */}
      <Tooltip.Trigger
        asChild
        onFocus={(event: FocusEvent) => {
          const { currentTarget: element } = event;
          if (side === "right" || (element instanceof HTMLElement && "comesBack" in element.dataset)) event.preventDefault();
        }}
      >
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          className={css.tooltip}
          align={align}
          side={side}
          sideOffset={side === "top" ? 6 : 12}
          collisionPadding={8}
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
