/** A LoRA as a picture with its name, which switches it on and off. */
import { MoveDown, MoveLeft, MoveRight, MoveUp, RotateCw, ZoomIn, ZoomOut } from "lucide-react";
import { Switch, Toolbar } from "radix-ui";
import type { ShelfItem } from "../../protocol/engine.ts";
import { Hint } from "../controls/Hint.tsx";
import { kindIcons } from "../controls/kind-icons.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { aboutWords } from "./about-words.ts";
import { misfitReason } from "./fitting.ts";
import css from "./looks.module.css";
import { loraPicture } from "./lora-picture.ts";

/** What the motion LoRAs that ship with the page do. */
const shippedIcons: Readonly<Record<string, typeof ZoomIn>> = {
  "mini-motion-lora-zoom": ZoomIn,
  "mini-motion-lora-zoom-out": ZoomOut,
  "mini-motion-lora-pan": MoveRight,
  "mini-motion-lora-pan-left": MoveLeft,
  "mini-motion-lora-pan-up": MoveUp,
  "mini-motion-lora-pan-down": MoveDown,
  "mini-motion-lora-roll": RotateCw,
};

export function LoraChip({ item }: { item: ShelfItem }) {
  const enabled = useStudio((state) => state.loraUse[item.id]?.enabled === true);
  const misfit = useStudio((state) => misfitReason(state, item));
  const { switchLora } = useActions();
  const unusable = misfit !== null && !enabled;
  const picture = loraPicture(item);
  const Icon = shippedIcons[item.id] ?? kindIcons[item.kind];
  return (
    <Hint text={misfit === null ? aboutWords(item) : `${misfit} ${aboutWords(item)}`}>
      {/* The hint wraps the switch, because its data-state attribute would replace the switch's own. */}
      <span className={css.chipBox} data-misfit={unusable || undefined}>
        <Toolbar.Button asChild disabled={unusable}>
          <Switch.Root
            className={css.chip}
            aria-label={`Use ${item.name}`}
            checked={enabled}
            onCheckedChange={(checked) => switchLora(item, checked)}
          >
            {picture === null ? (
              <span className={css.picture}>
                <Icon aria-hidden />
              </span>
            ) : (
              <img className={css.picture} src={picture} alt="" loading="lazy" decoding="async" />
            )}
            <span className={css.chipName}>{item.name}</span>
          </Switch.Root>
        </Toolbar.Button>
      </span>
    </Hint>
  );
}
