/** Asks for the address of a file or of its page, lists the files of a page, and offers to continue interrupted downloads. */
import { Download, Trash2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import type { RemoteModel } from "../../protocol/download.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import type { ImportIn } from "../store/imports.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { RefusalRow } from "./FindingRow.tsx";
import css from "./import.module.css";

interface AddressFormProps {
  readonly asked: ImportIn<"address">;
  readonly onClose: () => void;
}

/** The host wants to know who asks. */
const wantsLogin = "download/login";

export function AddressForm({ asked, onClose }: AddressFormProps) {
  const [address, setAddress] = useState(asked.address);
  const [token, setToken] = useState("");
  const actions = useActions();
  const field = useRef<HTMLInputElement>(null);
  const again = asked.address !== "";
  // After a failed download the person corrects the address; the first time, the dialog sets the focus.
  useEffect(() => {
    if (again) field.current?.focus();
  }, [again]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() !== "") void actions.fetchAddress(address.trim(), token);
  };
  return (
    <form className={css.address} onSubmit={submit}>
      <label htmlFor="file-address" className={dialog.text}>
        The address of a model file (.safetensors, .ckpt, .pt, .pth, .bin, .gguf) on any host that lets other sites read it, or of
        its page at Hugging Face or Civitai. It comes straight to this device.
      </label>
      <input
        ref={field}
        id="file-address"
        className={css.addressField}
        type="text"
        inputMode="url"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-label="Address"
        placeholder="https://"
        value={address}
        onChange={({ currentTarget }) => setAddress(currentTarget.value)}
      />
      {asked.error !== null && (
        <ul className={css.findings}>
          <RefusalRow error={asked.error} />
        </ul>
      )}
      {asked.found !== null && <FilesOfPage model={asked.found} />}
      <TokenField open={asked.error?.code === wantsLogin} token={token} onChange={setToken} />
      {asked.partial.length > 0 && <Interrupted downloads={asked.partial} />}
      <div className={dialog.buttons}>
        <BrowseAgain />
        <button type="button" className={controls.button} onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className={controls.primary} disabled={address.trim() === ""}>
          Fetch
        </button>
      </div>
    </form>
  );
}

function TokenField({ open, token, onChange }: { open: boolean; token: string; onChange: (token: string) => void }) {
  return (
    <details className={css.token} open={open}>
      <summary>The file needs an account</summary>
      <label htmlFor="access-token" className={dialog.text}>
        An access token of that host. It goes to that host only, and this tab forgets it when it closes.
      </label>
      <input
        id="access-token"
        className={css.addressField}
        type="password"
        autoComplete="off"
        spellCheck={false}
        aria-label="Access token"
        value={token}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </details>
  );
}

/** Whoever hid the catalogue finds it here. */
function BrowseAgain() {
  const hidden = useStudio((state) => state.catalogueHidden);
  const setImports = useStudio((state) => state.setImports);
  const actions = useActions();
  if (!hidden) return null;
  const browse = () => {
    setImports({ status: "closed" });
    actions.hideCatalogue(false);
    void actions.openCatalogue();
  };
  return (
    <button type="button" className={`${controls.button} ${css.leading}`} onClick={browse}>
      Get models
    </button>
  );
}

function FilesOfPage({ model: { title, licence, files } }: { model: RemoteModel }) {
  const actions = useActions();
  return (
    <>
      <p className={dialog.text}>
        {title} has {files.length} files. {licence !== null && `Licence: ${licence}.`}
      </p>
      <ul className={css.findings} aria-label={`Files of ${title}`}>
        {files.map((file) => (
          <li key={file.address} className={css.finding}>
            <Download aria-hidden />
            <div>
              <p className={css.findingName}>{file.name}</p>
              {file.bytes !== null && <p className={css.findingText}>{bytesWords(file.bytes)}</p>}
            </div>
            <div className={css.findingButtons}>
              <button
                type="button"
                className={controls.button}
                aria-label={`Fetch ${file.name}`}
                onClick={() => void actions.download(file)}
              >
                Fetch
              </button>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Interrupted({ downloads }: { downloads: AddressFormProps["asked"]["partial"] }) {
  const actions = useActions();
  return (
    <ul className={css.findings} aria-label="Interrupted downloads">
      {downloads.map(({ address, name, doneBytes, totalBytes }) => (
        <li key={address} className={css.finding}>
          <Download aria-hidden />
          <div>
            <p className={css.findingName}>{name}</p>
            <p className={css.findingText}>
              {bytesWords(doneBytes)}
              {totalBytes !== null && ` of ${bytesWords(totalBytes)}`} from {hostOf(address)}
            </p>
          </div>
          <div className={css.findingButtons}>
            <button
              type="button"
              className={controls.button}
              onClick={() => void actions.download({ address, name, bytes: null, sha256: null })}
            >
              Go on
            </button>
            <button
              type="button"
              className={controls.icon}
              aria-label={`Throw away ${name}`}
              onClick={() => void actions.discardDownload(address)}
            >
              <Trash2 aria-hidden />
            </button>
          </div>
        </li>
      ))}
    </ul>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
