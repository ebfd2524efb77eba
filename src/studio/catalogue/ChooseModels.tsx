/** The sets and the single files of the catalogue. */
import { Check } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import type { ModelKind } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { kindIcons } from "../controls/kind-icons.ts";
import { kindWords } from "../import/FindingRow.tsx";
import { useStorageRoom } from "../shelf/use-storage-room.ts";
import type { Catalogue, CatalogueEntry, CatalogueSet } from "../store/catalogue.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./catalogue.module.css";
import { bytesToFetch, planEntry, planSet } from "./plan.ts";
import { rememberedIds } from "./remembered.ts";

export function ChooseModels({ catalogue: { sets, entries } }: { catalogue: Catalogue }) {
  const actions = useActions();
  const room = useStorageRoom();
  return (
    <>
      <Dialog.Title className={dialog.title}>Get models</Dialog.Title>
      <div className={css.scroll}>
        <p className={dialog.text}>
          They come straight from the sites that publish them to this device.
          {room?.leftBytes != null && ` It has ${bytesWords(room.leftBytes)} of room for this page.`}
        </p>
        <ul className={css.sets} aria-label="Sets">
          {sets.map((set) => (
            <SetTile key={set.id} set={set} />
          ))}
        </ul>
        <h3 className={css.heading}>One by one</h3>
        <Entries entries={entries} />
      </div>
      <div className={dialog.buttons}>
        <button type="button" className={css.quiet} onClick={() => actions.hideCatalogue(true)}>
          Hide this
        </button>
        <button
          type="button"
          className={controls.button}
          onClick={() => {
            actions.closeCatalogue();
            void actions.askAddress();
          }}
        >
          Paste an address
        </button>
        <Dialog.Close className={controls.button}>Close</Dialog.Close>
      </div>
    </>
  );
}

function SetTile({ set }: { set: CatalogueSet }) {
  const shelf = useStudio((state) => state.shelf);
  const { chooseSet } = useActions();
  const bytes = bytesToFetch(planSet(set, shelf, rememberedIds()));
  return (
    <li className={css.set}>
      <h3 className={css.setName}>{set.name}</h3>
      <p className={css.soft}>{set.purpose}</p>
      <p className={css.setFiles}>{set.files.map(({ entry }) => entry.name).join(" + ")}</p>
      <div className={css.setFoot}>
        <span className={css.soft}>{bytes === 0 ? "All on the shelf" : `about ${bytesWords(bytes)}`}</span>
        <button
          type="button"
          className={controls.primary}
          aria-label={`${bytes === 0 ? "Use" : "Get"} ${set.name}`}
          onClick={() => void chooseSet(set)}
        >
          {bytes === 0 ? "Use" : "Get"}
        </button>
      </div>
    </li>
  );
}

/** Single files, filtered by kind. */
function Entries({ entries }: { entries: readonly CatalogueEntry[] }) {
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const [kind, setKind] = useState<ModelKind | null>(null);
  return (
    <>
      <fieldset className={css.kinds}>
        <legend className="visually-hidden">Kind</legend>
        {[null, ...kinds].map((each) => (
          <button
            key={each ?? "all"}
            type="button"
            className={css.kind}
            aria-pressed={kind === each}
            onClick={() => setKind(each)}
          >
            {each === null ? "All" : kindWords[each]}
          </button>
        ))}
      </fieldset>
      <ul className={css.rows} aria-label="Single files">
        {entries
          .filter((entry) => kind === null || entry.kind === kind)
          .map((entry) => (
            <EntryRow key={entry.id} entry={entry} />
          ))}
      </ul>
    </>
  );
}

function EntryRow({ entry }: { entry: CatalogueEntry }) {
  const shelf = useStudio((state) => state.shelf);
  const { chooseEntry } = useActions();
  const here = bytesToFetch(planEntry(entry, shelf, rememberedIds())) === 0;
  const Icon = kindIcons[entry.kind];
  return (
    <li className={css.row}>
      <Icon aria-hidden />
      <div>
        <p className={css.rowName}>{entry.name}</p>
        <p className={css.soft}>{entry.purpose}</p>
        <p className={css.soft}>
          {kindWords[entry.kind]} · {bytesWords(entry.bytes)} · {entry.licence ?? "no licence stated"}
        </p>
      </div>
      {here ? (
        <span className={css.here}>
          <Check aria-hidden />
          On the shelf
        </span>
      ) : (
        <button
          type="button"
          className={controls.button}
          aria-label={`Get ${entry.name}`}
          onClick={() => void chooseEntry(entry)}
        >
          Get
        </button>
      )}
    </li>
  );
}
