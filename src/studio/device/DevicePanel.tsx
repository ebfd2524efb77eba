/** Describes the device: the parts that run on it, their speed, the choice of device, and diagnostics for a bug report. */
import { Check, Copy, Gauge } from "lucide-react";
import { useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import type { DeviceChoice, DeviceReport } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { useStorageRoom } from "../shelf/use-storage-room.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import css from "./device.module.css";
import { diagnostics } from "./diagnostics.ts";
import { fasterKernels, fastestProducts } from "./faster-kernels.ts";

const choices: readonly { readonly value: DeviceChoice; readonly label: string }[] = [
  { value: "auto", label: "Whichever is faster" },
  { value: "webgpu", label: "Graphics card" },
  { value: "wasm", label: "Processor" },
];

export function DevicePanel({ report }: { report: DeviceReport }) {
  const choice = useStudio((state) => state.deviceChoice);
  const busy = useStudio((state) => state.job.status === "running");
  const actions = useActions();
  return (
    <div className={css.panel}>
      {report.notice !== null && <p>{report.notice}</p>}
      <Facts report={report} />
      <SelectField
        label="Run on"
        hint={busy ? "An animation is being made; changing this stops it." : "Where animations are computed."}
        value={choice}
        choices={choices}
        onChoose={(value) => void actions.switchDevice(value)}
      />
      <div className={css.row}>
        <TimeStep />
        <CopyDiagnostics report={report} />
      </div>
      <StepTime />
      <Privacy />
    </div>
  );
}

function Privacy() {
  const farm = useStudio((state) => state.farm);
  const words =
    farm.status === "ready"
      ? `Prompts, pictures and LoRAs go to the farm at ${farm.at.address}, and nowhere else.`
      : "Prompts, models and pictures never leave this device.";
  return <p className={css.note}>{words}</p>;
}

function Facts({ report }: { report: DeviceReport }) {
  const { backend, name, fp16, threads, storage, selfTest, card } = report;
  const room = useStorageRoom();
  const memory = (navigator as { readonly deviceMemory?: number }).deviceMemory;
  const unused = selfTest.filter(({ used }) => !used);
  const processor = `the processor, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return (
    <dl className={css.facts}>
      <dt>Networks</dt>
      <dd>{backend === "webgpu" ? `the graphics card (${name})` : processor}</dd>
      <dt>Converting</dt>
      <dd>the processor, beside the page</dd>
      <dt>Arithmetic</dt>
      <dd>{fp16 ? "16-bit, and 32-bit where that would be wrong" : "32-bit"}</dd>
      <dt>Memory</dt>
      <dd>{memory === undefined ? "not told by this browser" : `${memory} GB${memory >= 8 ? " or more" : ""}`}</dd>
      <dt>Models kept</dt>
      <dd>{storage === "opfs" ? "in this browser, on this device" : "only until this window closes"}</dd>
      <dt>Storage</dt>
      <dd>
        {room === null
          ? "not told by this browser"
          : `${bytesWords(room.usedBytes)} used${room.leftBytes === null ? "" : `, ${bytesWords(room.leftBytes)} left`}`}
      </dd>
      {card !== null && card.features.length + card.givenUp.length > 0 && (
        <>
          <dt>Faster kernels</dt>
          <dd>{fasterKernels(card)}</dd>
        </>
      )}
      {card !== null && card.kernels.length > 0 && (
        <>
          <dt>Fastest products</dt>
          <dd>{fastestProducts(card)}</dd>
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
  );
}

function TimeStep() {
  const running = useStudio((state) => state.benchmark.status === "running");
  const busy = useStudio((state) => state.job.status === "running");
  const actions = useActions();
  return (
    <Hint text="Makes two steps of what is set now and times the second; nothing is kept.">
      <button type="button" className={controls.button} disabled={busy || running} onClick={() => void actions.runBenchmark()}>
        <Gauge aria-hidden />
        {running ? "Timing" : "Time one step"}
      </button>
    </Hint>
  );
}

function StepTime() {
  const benchmark = useStudio((state) => state.benchmark);
  if (benchmark.status !== "done") return null;
  return <p className={css.note}>{`${(benchmark.stepMs / 1000).toFixed(2)} s for a step of ${benchmark.words}`}</p>;
}

function CopyDiagnostics({ report }: { report: DeviceReport }) {
  const store = useStudioStore();
  const [copied, setCopied] = useState<"no" | "yes" | "refused">("no");
  const copy = async () => {
    const { lastRun, benchmark } = store.getState();
    try {
      await navigator.clipboard.writeText(await diagnostics(report, lastRun, benchmark));
      setCopied("yes");
      store.getState().announce("Diagnostics copied");
    } catch {
      setCopied("refused");
    }
  };
  return (
    <>
      <Hint text="For a bug report: adapter, limits, self-test and timings; no prompts, no file names.">
        <button type="button" className={controls.button} onClick={() => void copy()}>
          {copied === "yes" ? <Check aria-hidden /> : <Copy aria-hidden />}
          Copy diagnostics
        </button>
      </Hint>
      {copied === "refused" && <p className={css.note}>The browser does not let this page copy.</p>}
    </>
  );
}
