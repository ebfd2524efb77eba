/** The dialog of teaching, with one component for each of its states. It can be closed at any time: teaching goes on without it. */
import type { ReactNode } from "react";
import { PlainDialog } from "../controls/PlainDialog.tsx";
import type { TeachState } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { Draft } from "./Draft.tsx";
import { Resting } from "./Resting.tsx";
import { Training } from "./Training.tsx";
import css from "./teach.module.css";

export function TeachDialog() {
  const open = useStudio((state) => state.teachOpen);
  const teach = useStudio((state) => state.teach);
  const { closeTeach } = useActions();
  return (
    <PlainDialog open={open} onClose={closeTeach} className={css.dialog}>
      {bodyOf(teach)}
    </PlainDialog>
  );
}

function bodyOf(teach: TeachState): ReactNode {
  switch (teach.status) {
    case "drafting":
      return <Draft drafting={teach} />;
    case "training":
      return <Training training={teach} />;
    case "resting":
      return <Resting resting={teach} />;
  }
}
