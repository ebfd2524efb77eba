/** The row of buttons at the foot of the import dialog. */
import type { ReactNode } from "react";
import dialog from "../controls/dialog.module.css";

export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className={dialog.buttons}>{children}</div>;
}
