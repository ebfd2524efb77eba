/** Opens the grid: one animation for every combination of some values of one or two settings. */
import { Grid3x3 } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { lateComponent } from "../controls/late-component.tsx";
import { useActions } from "../studio-context.tsx";
import type { GridAxis } from "./grid.ts";
import css from "./queue.module.css";

const AxisFields = lateComponent(() => import("./AxisFields.tsx").then((loaded) => loaded.AxisFields));

export function GridButton() {
  const [open, setOpen] = useState(false);
  const [across, setAcross] = useState<GridAxis>({ key: "cfgScale", values: "2, 3, 5" });
  const [down, setDown] = useState<GridAxis>({ key: "", values: "" });
  const actions = useActions();
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Hint text="Compares settings: makes an animation for every combination of their values, side by side." side="right">
        <Popover.Trigger className={controls.button}>
          <Grid3x3 aria-hidden />
          Grid
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className={`${controls.popover} ${css.grid}`}
          side="right"
          sideOffset={8}
          collisionPadding={8}
          aria-label="Grid"
        >
          <AxisFields label="Across" axis={across} onAxis={setAcross} />
          <AxisFields label="Down" axis={down} onAxis={setDown} />
          <button
            type="button"
            className={controls.primary}
            onClick={() => {
              setOpen(false);
              void actions.generateGrid([across, down]);
            }}
          >
            Make the grid
          </button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
