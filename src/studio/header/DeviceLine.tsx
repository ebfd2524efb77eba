/** What the engine runs on, in words; more on a click. */
import { Popover } from "radix-ui";
import type { DeviceReport } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import { bytesWords } from "../import/amounts.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

export function DeviceLine() {
  const device = useStudio((state) => state.device);
  if (device.status !== "ready") {
    return (
      <span className={css.device}>
        <span className={css.dot} data-state={device.status} />
        {device.status === "probing" ? "Starting the engine" : "The engine did not start"}
      </span>
    );
  }
  const { report } = device;
  return (
    <Popover.Root>
      <Popover.Trigger className={css.device}>
        <span className={css.dot} data-state={report.backend} />
        <span className={css.deviceWords}>{deviceWords(report)}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={controls.popover} align="end" sideOffset={8} collisionPadding={8} aria-label="This device">
          <DeviceDetails report={report} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function deviceWords({ backend, name, fp16, threads }: DeviceReport): string {
  if (backend === "webgpu") return `GPU: ${name}${fp16 ? " · fp16" : ""}`;
  return `Processor · ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

function DeviceDetails({ report }: { report: DeviceReport }) {
  const { backend, name, fp16, threads, notice, storage, storageUsedBytes, storageLeftBytes, selfTest } = report;
  const unused = selfTest.filter(({ used }) => !used);
  return (
    <div className={css.details}>
      {notice !== null && <p>{notice}</p>}
      <dl className={css.facts}>
        <dt>Runs on</dt>
        <dd>
          {backend === "webgpu"
            ? `the graphics card (${name})`
            : `the processor, ${threads} ${threads === 1 ? "thread" : "threads"}`}
        </dd>
        {backend === "webgpu" && (
          <>
            <dt>Arithmetic</dt>
            <dd>{fp16 ? "16-bit where it is exact enough" : "32-bit"}</dd>
          </>
        )}
        <dt>Models kept</dt>
        <dd>{storage === "opfs" ? "in this browser, on this device" : "only until this window closes"}</dd>
        {storageUsedBytes !== null && (
          <>
            <dt>Storage</dt>
            <dd>
              {bytesWords(storageUsedBytes)} used{storageLeftBytes === null ? "" : `, ${bytesWords(storageLeftBytes)} left`}
            </dd>
          </>
        )}
        {selfTest.length > 0 && (
          <>
            <dt>Self-test</dt>
            <dd>
              {unused.length === 0
                ? "every operation is exact"
                : `${unused.map(({ op }) => op).join(", ")} replaced by a slower, exact form`}
            </dd>
          </>
        )}
      </dl>
      <p className={css.private}>Prompts, models and pictures never leave this device.</p>
    </div>
  );
}
