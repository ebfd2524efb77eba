/** A LoRA's row: its switch, weight, trigger words and removal. */
import { Waypoints } from "lucide-react";
import { Switch } from "radix-ui";
import { useId } from "react";
import type { ShelfItem } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import { DragSlider } from "../controls/DragSlider.tsx";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import { loraWeightBounds } from "../store/selection.ts";
import { unusedLora } from "../store/shelf.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { aboutWords } from "./about-words.ts";
import { misfitReason } from "./fitting.ts";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";
import { TriggerWords } from "./TriggerWords.tsx";

const hint = "How strongly this LoRA colours the picture: 0 not at all, 1 as it was trained, below 0 away from it.";
const mostWords = 4;

export function LoraRow({ item }: { item: ShelfItem }) {
  const { enabled, weight } = useStudio((state) => state.loraUse[item.id]) ?? unusedLora(item);
  const setLora = useStudio((state) => state.setLora);
  const misfit = useStudio((state) => misfitReason(state, item));
  const { switchLora } = useActions();
  const id = useId();
  const label = `LoRA weight: ${item.name}`;
  const parsed = parseNumber(weight, { label, ...loraWeightBounds });
  const typed = Number(weight.replace(",", "."));
  // Changing the weight of a LoRA switches it on.
  const setWeight = (text: string) => setLora(item.id, { weight: text, enabled: misfit === null || enabled });
  return (
    <li className={css.lora} data-enabled={enabled} data-misfit={misfit !== null && !enabled}>
      <Hint text={misfit ?? "Whether the next animation uses this LoRA."} align="start">
        <span className={css.use}>
          <Switch.Root
            className={controls.switch}
            aria-label={`Use ${item.name}`}
            checked={enabled}
            disabled={misfit !== null && !enabled}
            onCheckedChange={(checked) => switchLora(item, checked)}
          >
            <Switch.Thumb className={controls.switchThumb} />
          </Switch.Root>
        </span>
      </Hint>
      <Hint text={misfit === null ? aboutWords(item) : `${misfit} ${aboutWords(item)}`} align="start">
        <span className={css.name}>
          <span>{item.name}</span>
          {item.kind === "motion-lora" && <Waypoints className={css.motion} role="img" aria-label="motion" />}
        </span>
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
      {enabled && item.triggerWords.length > 0 && <TriggerWords words={item.triggerWords.slice(0, mostWords)} />}
    </li>
  );
}
