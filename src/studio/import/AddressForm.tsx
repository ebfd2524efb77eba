/** Asks for the address of a file, and offers to continue interrupted downloads. */
import { Download, Trash2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import type { ImportIn } from "../store/imports.ts";
import { useActions } from "../studio-context.tsx";
import { RefusalRow } from "./FindingRow.tsx";
import css from "./import.module.css";

interface AddressFormProps {
  readonly asked: ImportIn<"address">;
  readonly onClose: () => void;
}

export function AddressForm({ asked, onClose }: AddressFormProps) {
  const [address, setAddress] = useState(asked.address);
  const actions = useActions();
  const field = useRef<HTMLInputElement>(null);
  const again = asked.address !== "";
  // After a failed download the person corrects the address; the first time, the dialog sets the focus.
  useEffect(() => {
    if (again) field.current?.focus();
  }, [again]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() !== "") void actions.download(address.trim());
  };
  return (
    <form className={css.address} onSubmit={submit}>
      <label htmlFor="file-address" className={dialog.text}>
        The address of a model file (.safetensors, .ckpt, .pt, .pth, .bin, .gguf), on any host that lets other sites read it. It
        comes straight to this device.
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
      {asked.partial.length > 0 && <Interrupted downloads={asked.partial} />}
      <div className={dialog.buttons}>
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
            <button type="button" className={controls.button} onClick={() => void actions.download(address)}>
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
