/** Says what will be fetched, what it takes and under which licences, and asks the person to agree. */
import { Dialog } from "radix-ui";
import { useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { kindIcons } from "../controls/kind-icons.ts";
import { RefusalRow } from "../import/FindingRow.tsx";
import { useStorageRoom } from "../shelf/use-storage-room.ts";
import type { CatalogueIn, FetchPlan, PlannedFile } from "../store/catalogue.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { durationWords } from "../words/durations.ts";
import css from "./catalogue.module.css";
import { bytesToFetch, filesToFetch, foreseenMs, roomForBytes } from "./plan.ts";

export function AgreeToPlan({
  agreeing: { plan, accepted: before, asking, error, loginAt },
}: {
  agreeing: CatalogueIn<"agreeing">;
}) {
  const actions = useActions();
  const [accepted, setAccepted] = useState(before);
  const [token, setToken] = useState("");
  const bytes = bytesToFetch(plan);
  const licences = [...new Set(filesToFetch(plan).map(({ entry }) => entry.licence))];
  const agreed = accepted || licences.length === 0;
  return (
    <>
      <Dialog.Title className={dialog.title}>{plan.title}</Dialog.Title>
      <div className={css.scroll}>
        <p className={dialog.text}>{plan.purpose}</p>
        <ul className={css.rows} aria-label="Files">
          {plan.files.map((file) => (
            <FileRow key={file.entry.id} file={file} />
          ))}
        </ul>
        <Facts plan={plan} asking={asking} />
        {error !== null && (
          <ul className={css.rows}>
            <RefusalRow error={error} />
          </ul>
        )}
        {loginAt !== null && (
          <label className={css.token}>
            <span>
              Access token for {new URL(loginAt).host}. It goes to that host only, and this tab forgets it when it closes.
            </span>
            <input
              className={css.tokenField}
              type="password"
              autoComplete="off"
              spellCheck={false}
              aria-label="Access token"
              value={token}
              onChange={({ currentTarget }) => setToken(currentTarget.value)}
            />
          </label>
        )}
        {licences.length > 0 && (
          <label className={css.agree}>
            <input type="checkbox" checked={accepted} onChange={({ currentTarget }) => setAccepted(currentTarget.checked)} />
            <span>
              I have read and accept {licences.length === 1 ? "the licence" : "the licences"}: {licences.join("; ")}.
            </span>
          </label>
        )}
      </div>
      <div className={dialog.buttons}>
        <button type="button" className={controls.button} onClick={actions.backToCatalogue}>
          Back
        </button>
        <button
          type="button"
          className={controls.primary}
          disabled={!agreed || asking}
          onClick={() => void actions.fetchPlan(token)}
        >
          {bytes === 0 ? "Use" : `Fetch ${bytesWords(bytes)}`}
        </button>
      </div>
    </>
  );
}

function FileRow({ file: { entry, bytes, exact, weight, shelfId } }: { file: PlannedFile }) {
  const Icon = kindIcons[entry.kind];
  return (
    <li className={css.row}>
      <Icon aria-hidden />
      <div>
        <p className={css.rowName}>
          {entry.name}
          {weight !== null && ` at ${weight}`}
        </p>
        <p className={css.soft}>
          {entry.licence},{" "}
          <a className={css.link} href={entry.source} target="_blank" rel="noreferrer">
            {new URL(entry.source).host}
            <span className="visually-hidden"> (the page of {entry.name}, in a new tab)</span>
          </a>
        </p>
      </div>
      <span className={css.amount}>{shelfId === null ? `${exact ? "" : "about "}${bytesWords(bytes)}` : "on the shelf"}</span>
    </li>
  );
}

/** Total, room, memory and time. */
function Facts({ plan, asking }: { plan: FetchPlan; asking: boolean }) {
  const room = useStorageRoom();
  const total = bytesToFetch(plan);
  const needed = roomForBytes(plan);
  const left = room?.leftBytes ?? null;
  const short = left !== null && needed > left;
  const exact = filesToFetch(plan).every((file) => file.exact);
  return (
    <dl className={css.facts}>
      {total > 0 && (
        <>
          <dt>Download</dt>
          <dd>
            {exact ? "" : "about "}
            {bytesWords(total)}
            {asking && ", asking the host for the exact size"}
          </dd>
          <dt>Room</dt>
          <dd data-short={short || undefined}>
            up to {bytesWords(needed)} while it is added{left !== null && `, of ${bytesWords(left)} left for this page`}
            {short && ". Remove models or free space first, or it will stop half-way."}
          </dd>
        </>
      )}
      <dt>Time</dt>
      <dd>
        <TimeWords plan={plan} />
      </dd>
      {plan.memoryBytes !== null && (
        <>
          <dt>Memory</dt>
          <dd>about {bytesWords(plan.memoryBytes)} while it draws, of the graphics card or else of the device</dd>
        </>
      )}
    </dl>
  );
}

function TimeWords({ plan: { settings } }: { plan: FetchPlan }) {
  const last = useStudio((state) => state.lastRun);
  const shelf = useStudio((state) => state.shelf);
  const backend = useStudio(({ device }) => (device.status === "ready" ? device.report.backend : null));
  const ms = foreseenMs(settings, last, backend, shelf);
  const where = backend === "wasm" ? "on this processor" : "on this card";
  if (ms !== null) return `very roughly ${durationWords(ms)} a clip ${where}, judging by the last animation`;
  return backend === "wasm"
    ? "many minutes a clip: there is no graphics card to use here"
    : "not known yet: make one animation with Mini, and it can be told from that";
}
