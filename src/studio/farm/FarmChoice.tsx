/** Where animations are made: on this device, or on a farm at an address. */
import { type FormEvent, useState } from "react";
import controls from "../controls/controls.module.css";
import { SelectField } from "../controls/SelectField.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./farm.module.css";

const choices = [
  { value: "here", label: "This device" },
  { value: "farm", label: "A farm" },
] as const;

export function FarmChoice() {
  const farm = useStudio((state) => state.farm);
  const busy = useStudio((state) => state.job.status === "running");
  const [asking, setAsking] = useState(false);
  const actions = useActions();
  const open = asking || farm.status !== "off";
  const choose = (value: "here" | "farm") => {
    setAsking(value === "farm");
    if (value === "here") void actions.leaveFarm();
  };
  return (
    <div className={css.farm}>
      <SelectField
        label="Render on"
        hint={busy ? "Takes effect with the next animation." : "This device, or other machines that run zoetrope serve."}
        value={open ? "farm" : "here"}
        choices={choices}
        onChoose={choose}
      />
      {open && <FarmForm />}
    </div>
  );
}

function FarmForm() {
  const farm = useStudio((state) => state.farm);
  const at = farm.status === "off" ? { address: location.origin, token: "" } : farm.at;
  const [address, setAddress] = useState(at.address);
  const [token, setToken] = useState(at.token);
  const actions = useActions();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void actions.connectFarm(address.trim(), token);
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <label className={css.line}>
        Address
        <input className={css.field} value={address} spellCheck={false} onChange={({ target }) => setAddress(target.value)} />
      </label>
      <label className={css.line}>
        Token
        <input
          className={css.field}
          type="password"
          autoComplete="off"
          value={token}
          placeholder="if the farm asks for one"
          onChange={({ target }) => setToken(target.value)}
        />
      </label>
      <button type="submit" className={controls.button} disabled={farm.status === "connecting"}>
        {farm.status === "ready" ? "Connect again" : farm.status === "connecting" ? "Connecting" : "Connect"}
      </button>
      <p className={css.words} role="status">
        {farm.status === "ready" && "Connected: the next animation is made there."}
        {farm.status === "away" && `${farm.error.message} Animations are made on this device.`}
      </p>
    </form>
  );
}
