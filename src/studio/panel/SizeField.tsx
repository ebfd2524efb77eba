/** The size: shapes near the checkpoint's own number of pixels, and width and height as numbers, which can be swapped. */
import { ArrowLeftRight } from "lucide-react";
import { useId } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { FieldNote } from "../controls/NumberField.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { type Aspect, aspectsOf } from "../settings/aspects.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./size.module.css";

const hints = {
  shapes: "Each shape has about as many pixels as the checkpoint was trained at, where it draws best.",
  size: "Width and height in pixels, each a multiple of 8. Far from the checkpoint's own size, subjects double or fall apart.",
  swap: "Swaps width and height.",
} as const;

export function SizeField() {
  const width = useStudio((state) => state.numbers.width);
  const height = useStudio((state) => state.numbers.height);
  const setNumber = useStudio((state) => state.setNumber);
  const id = useId();
  const setSize = (size: { readonly width: number | string; readonly height: number | string }) => {
    setNumber("width", String(size.width));
    setNumber("height", String(size.height));
  };
  return (
    <>
      <Shapes width={width} height={height} onChoose={setSize} />
      <div className={`${controls.field} ${css.size}`}>
        <Hint text={hints.size} align="start">
          <span className={controls.label}>Size</span>
        </Hint>
        <Side name="width" text={width} describedBy={`${id}w`} />
        <Hint text={hints.swap}>
          <button
            type="button"
            className={controls.icon}
            aria-label="Swap width and height"
            onClick={() => setSize({ width: height, height: width })}
          >
            <ArrowLeftRight aria-hidden />
          </button>
        </Hint>
        <Side name="height" text={height} describedBy={`${id}h`} />
        <SideNote name="width" text={width} describedBy={`${id}w`} />
        <SideNote name="height" text={height} describedBy={`${id}h`} />
      </div>
    </>
  );
}

interface ShapesProps {
  readonly width: string;
  readonly height: string;
  readonly onChoose: (aspect: Aspect) => void;
}

function Shapes({ width, height, onChoose }: ShapesProps) {
  const checkpoint = useStudio((state) => state.shelf.find(({ id }) => id === state.checkpoint));
  const group = useId();
  return (
    <Hint text={hints.shapes} side="right">
      <div className={css.shapes} role="radiogroup" aria-label="Shape">
        {aspectsOf(checkpoint).map((aspect) => (
          <label key={aspect.label} className={css.shape}>
            <input
              type="radio"
              className={css.input}
              name={group}
              aria-describedby={`${group}${aspect.label}`}
              checked={Number(width) === aspect.width && Number(height) === aspect.height}
              onChange={() => onChoose(aspect)}
            />
            <span className={css.place} aria-hidden>
              <span
                className={css.glyph}
                data-upright={aspect.height > aspect.width || undefined}
                style={{ aspectRatio: `${aspect.width} / ${aspect.height}` }}
              />
            </span>
            {aspect.label}
            <span id={`${group}${aspect.label}`} hidden>
              {aspect.width} by {aspect.height}
            </span>
          </label>
        ))}
      </div>
    </Hint>
  );
}

interface SideProps {
  readonly name: "width" | "height";
  readonly text: string;
  /** Of its note. */
  readonly describedBy: string;
}

function Side({ name, text, describedBy }: SideProps) {
  const setNumber = useStudio((state) => state.setNumber);
  const spec = numberFields[name];
  const parsed = parseNumber(text, spec);
  return (
    <Hint text={spec.hint}>
      <span className={css.side}>
        <NumberInput
          {...spec}
          text={text}
          value={parsed.ok ? parsed.value : undefined}
          invalid={!parsed.ok}
          describedBy={describedBy}
          onText={(next) => setNumber(name, next)}
        />
      </span>
    </Hint>
  );
}

/** Under both fields, so that it moves neither. */
function SideNote({ name, text, describedBy }: SideProps) {
  const spec = numberFields[name];
  const parsed = parseNumber(text, spec);
  return <FieldNote id={describedBy} hint={spec.hint} message={parsed.ok ? null : parsed.message} />;
}
