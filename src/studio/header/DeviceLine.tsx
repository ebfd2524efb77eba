/** What the engine runs on, in words; more on a click. */
import { Cpu } from "lucide-react";
import { Popover, Toolbar } from "radix-ui";
import type { DeviceReport } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { lateComponent } from "../controls/late-component.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

const FarmChoice = lateComponent(() => import("../farm/FarmChoice.tsx").then((loaded) => loaded.FarmChoice));
const DevicePanel = lateComponent(() => import("../device/DevicePanel.tsx").then((loaded) => loaded.DevicePanel));

export function DeviceLine() {
  const device = useStudio((state) => state.device);
  const farm = useStudio((state) => state.farm);
  if (device.status !== "ready") {
    return (
      <span className={css.device}>
        <span className={css.dot} data-state={device.status} />
        <Cpu className={css.deviceIcon} aria-hidden />
        <span className={css.deviceWords}>
          {device.status === "probing" ? "Starting the engine" : "The engine did not start"}
        </span>
      </span>
    );
  }
  const { report } = device;
  const lacks = report.notice === null ? "" : `${report.notice} `;
  return (
    <Popover.Root>
      <Hint text={`${lacks}What runs where and how fast, and the choice between graphics card and processor.`}>
        <Popover.Trigger asChild>
          <Toolbar.Button className={css.device}>
            <span className={css.dot} data-state={report.backend} />
            <Cpu className={css.deviceIcon} aria-hidden />
            <span className={css.deviceWords}>
              {farm.status === "ready" ? `Farm: ${new URL(farm.at.address).host}` : deviceWords(report)}
            </span>
          </Toolbar.Button>
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className={`${controls.sheet} ${css.devicePanel}`}
          align="end"
          sideOffset={8}
          collisionPadding={8}
          aria-label="This device"
        >
          <FarmChoice />
          <DevicePanel report={report} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function deviceWords({ backend, name, fp16, threads }: DeviceReport): string {
  if (backend === "webgpu") return `GPU: ${name}${fp16 ? " · fp16" : ""}`;
  return `Processor · ${threads} ${threads === 1 ? "thread" : "threads"}`;
}
