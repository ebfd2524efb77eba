/** A LoRA in use: its weight, its trigger words, and its removal if it was added. */
import { useId } from "react";
import type { ShelfItem } from "../../protocol/engine.ts";
import { DragSlider } from "../controls/DragSlider.tsx";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import { loraWeightBounds } from "../store/selection.ts";
import { unusedLora } from "../store/shelf.ts";
import { useStudio } from "../studio-context.tsx";
import { aboutWords } from "./about-words.ts";
import { misfitReason } from "./fitting.ts";
import css from "./looks.module.css";
import { RemoveButton } from "./RemoveButton.tsx";
import { TriggerWords } from "./TriggerWords.tsx";

const hint = "How strongly this LoRA colours the picture: 0 not at all, 1 as it was trained, below 0 away from it.";
const mostWords = 4;

export function LoraRow({ item }: { item: ShelfItem }) {
  const { weight } = useStudio((state) => state.loraUse[item.id]) ?? unusedLora(item);
  const setLora = useStudio((state) => state.setLora);
  const misfit = useStudio((state) => misfitReason(state, item));
  const id = useId();
  const label = `LoRA weight: ${item.name}`;
  const parsed = parseNumber(weight, { label, ...loraWeightBounds });
  const typed = Number(weight.replace(",", "."));
  const setWeight = (text: string) => setLora(item.id, { weight: text });
  return (
    <li className={css.row}>
      <Hint text={misfit === null ? aboutWords(item) : `${misfit} ${aboutWords(item)}`} align="start">
        <span className={css.name}>{item.name}</span>
      </Hint>
      {!item.builtIn && (
        <span className={css.bin}>
          <RemoveButton item={item} />
        </span>
      )}
      <Hint text={hint}>
        <div>
          <DragSlider
            label={label}
            {...loraWeightBounds}
            origin={0}
            value={Number.isFinite(typed) ? typed : 0}
            onValue={(value) => setWeight(String(value))}
          />
        </div>
      </Hint>
      <Hint text={hint} side="right">
        <span className={css.weight}>
          <NumberInput
            label={label}
            {...loraWeightBounds}
            text={weight}
            value={parsed.ok ? parsed.value : undefined}
            invalid={!parsed.ok}
            describedBy={id}
            onText={setWeight}
          />
        </span>
      </Hint>
      <FieldNote id={id} hint={hint} message={parsed.ok ? null : parsed.message} />
      {item.triggerWords.length > 0 && <TriggerWords words={item.triggerWords.slice(0, mostWords)} />}
    </li>
  );
}
