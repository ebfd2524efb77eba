/** The field of a setting, as the schema describes it: a number, or a list to pick from. */
import { choicesOf, isPicked, type PickedFields, type PickedSetting } from "../../core/settings/fields.ts";
import { type NumberName, settingsSchema } from "../../core/settings/schema.ts";
import type { Schema } from "../../core/settings/setting.ts";
import { NumberField } from "../controls/NumberField.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { numberFields } from "../settings/number-fields.ts";
import { useActions, useStudio } from "../studio-context.tsx";

/** Nothing for a setting of another kind: texts and lists have editors of their own. */
export function SettingField({ name }: { name: string }) {
  const setting = (settingsSchema as Schema)[name];
  if (setting?.kind === "number") return <NumberSettingField name={name as NumberName} />;
  return setting !== undefined && isPicked(setting) ? (
    <PickedSettingField name={name as keyof PickedFields} setting={setting} />
  ) : null;
}

function NumberSettingField({ name }: { name: NumberName }) {
  const spec = numberFields[name];
  const text = useStudio((state) => state.numbers[name]);
  const { typeNumber } = useActions();
  return <NumberField spec={spec} text={text} placeholder={spec.whenEmpty} onText={(next) => typeNumber(name, next)} />;
}

function PickedSettingField({ name, setting }: { name: keyof PickedFields; setting: PickedSetting }) {
  const value: string = useStudio((state) => state[name]);
  const choose = useStudio((state) => state.choose);
  return (
    <SelectField
      label={setting.label}
      hint={setting.hint}
      value={value}
      choices={choicesOf(setting)}
      onChoose={(next) => choose({ [name]: next } as Partial<PickedFields>)}
    />
  );
}
