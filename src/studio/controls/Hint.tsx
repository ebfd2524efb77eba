/** A sentence on hover or focus. */
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import css from "./controls.module.css";

interface HintProps {
  readonly text: string;
  /** One element that takes a ref. */
  readonly children: ReactNode;
  readonly align?: "start" | "center";
  /** "right": beside a row of the panel, where it covers no other row. */
  readonly side?: "top" | "right";
}

export function Hint({ text, children, align = "center", side = "top" }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
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
