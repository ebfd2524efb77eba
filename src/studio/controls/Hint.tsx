/** A sentence on hover or focus. */
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import css from "./controls.module.css";

/** `children` is one element that takes a ref. */
export function Hint({ text, children, align = "center" }: { text: string; children: ReactNode; align?: "start" | "center" }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className={css.tooltip} align={align} sideOffset={6} collisionPadding={8}>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
