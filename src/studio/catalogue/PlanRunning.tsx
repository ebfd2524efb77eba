/** The files on their way: what happens to each, and all of it in one bar. */
import { Check } from "lucide-react";
import { Dialog } from "radix-ui";
import { bytesWords } from "../../core/amounts.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { kindIcons } from "../controls/kind-icons.ts";
import bar from "../controls/progress.module.css";
import { type CatalogueIn, type FileProgress, fetchedPercent, type PlannedFile } from "../store/catalogue.ts";
import { useActions } from "../studio-context.tsx";
import { timeLeftWords } from "../words/durations.ts";
import css from "./catalogue.module.css";

export function PlanRunning({ fetching }: { fetching: CatalogueIn<"fetching"> }) {
  const { plan, progress, startedAt, stopping } = fetching;
  const actions = useActions();
  const percent = fetchedPercent(fetching);
  const doing = progress.find(({ status }) => status === "adding") ?? progress.find(({ status }) => status === "fetching");
  const leftMs = percent < 2 ? null : ((performance.now() - startedAt) / percent) * (100 - percent);
  return (
    <>
      <Dialog.Title className={dialog.title}>Getting {plan.title}</Dialog.Title>
      <div className={css.scroll}>
        <ul className={css.rows} aria-label="Files">
          {plan.files.map((file, i) => (
            <RunningRow key={file.entry.id} file={file} progress={progress[i]!} />
          ))}
        </ul>
        <div className={css.whole}>
          <div
            className={bar.bar}
            role="progressbar"
            aria-label="Getting models"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
            aria-valuetext={`${percent} %${doing === undefined ? "" : `, ${doing.status === "adding" ? "adding" : "fetching"}`}`}
          >
            <div className={bar.barFill} style={{ transform: `scaleX(${percent / 100})` }} />
          </div>
          <p className={bar.words}>
            <span>{percent} %</span>
            <span>{timeLeftWords(leftMs)}</span>
          </p>
        </div>
        <p className={dialog.text}>The page can be used meanwhile. If it is closed, fetching again goes on from here.</p>
      </div>
      <div className={dialog.buttons}>
        <button type="button" className={controls.button} disabled={stopping} onClick={() => void actions.cancelPlan()}>
          {stopping ? "Cancelling" : "Cancel"}
        </button>
        <Dialog.Close className={controls.primary}>Go on in the background</Dialog.Close>
      </div>
    </>
  );
}

function RunningRow({ file: { entry, bytes }, progress }: { file: PlannedFile; progress: FileProgress }) {
  const Icon = progress.status === "added" ? Check : kindIcons[entry.kind];
  return (
    <li className={css.row} data-status={progress.status}>
      <Icon aria-hidden />
      <div>
        <p className={css.rowName}>{entry.name}</p>
        <p className={css.soft}>{progressWords(progress, bytes)}</p>
      </div>
    </li>
  );
}

function progressWords(progress: FileProgress, bytes: number): string {
  switch (progress.status) {
    case "waiting":
      return `Next, ${bytesWords(bytes)}`;
    case "fetching":
      if (progress.state === "reconnecting") return "The connection was cut; trying again";
      if (progress.state === "waiting") return "The host asked to wait a little";
      return `Fetching: ${bytesWords(progress.doneBytes)} of ${bytesWords(bytes)}`;
    case "fetched":
      return "Fetched";
    case "adding":
      return `${progress.phase === "read" ? "Reading" : "Converting"}, ${Math.floor(100 * progress.share)} %`;
    case "added":
      return "On the shelf";
  }
}
