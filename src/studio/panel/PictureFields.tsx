/** What the clip is like from outside: the pictures that it begins with, its size, its length. */
import { HeldFrames } from "../start/HeldFrames.tsx";
import { StartField } from "../start/StartField.tsx";
import css from "./panel.module.css";
import { SettingField } from "./SettingField.tsx";
import { SizeField } from "./SizeField.tsx";

export function PictureFields() {
  return (
    <section className={css.section} aria-label="Picture">
      <h2 className={css.heading}>Picture</h2>
      <StartField />
      <HeldFrames />
      <SizeField />
      <SettingField name="frames" />
      <SettingField name="fps" />
      <SettingField name="loop" />
    </section>
  );
}
