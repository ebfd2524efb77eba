/** The pictures that the clip begins with: which of them, how strongly, and in what shape; without any, the slot that takes them. */
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { NumberField } from "../controls/NumberField.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { sizeLike } from "../settings/aspects.ts";
import { firstPictureField, strengthField } from "../settings/picture-fields.ts";
import { useStudio } from "../studio-context.tsx";
import { PictureSlot } from "./PictureSlot.tsx";
import css from "./start.module.css";
import { usePictureSize } from "./use-picture-size.ts";

export function StartField() {
  const start = useStudio((state) => state.start);
  const strength = useStudio((state) => state.strength);
  const setStart = useStudio((state) => state.setStart);
  const setStrength = useStudio((state) => state.setStrength);
  if (start === null) return <PictureSlot />;
  return (
    <>
      <PictureRow
        words="Begins with"
        {...start}
        removal={`Begin with noise instead of ${start.name}`}
        onRemove={() => setStart(null)}
      />
      <Shape picture={start.pictures[0]} />
      <FirstPicture count={start.pictures.length} />
      <NumberField spec={strengthField} text={strength} onText={setStrength} />
    </>
  );
}

/** Offers a size in the picture's shape while the clip has another. */
function Shape({ picture }: { picture: Blob | undefined }) {
  const found = usePictureSize(picture);
  const checkpoint = useStudio((state) => state.shelf.find(({ id }) => id === state.checkpoint));
  const width = useStudio((state) => state.numbers.width);
  const height = useStudio((state) => state.numbers.height);
  const setNumber = useStudio((state) => state.setNumber);
  if (found === null) return null;
  const like = sizeLike(found, checkpoint);
  if (like.width * Number(height) === like.height * Number(width)) return null;
  return (
    <Hint text="Now its sides or its top and bottom are cut off, so that it covers the frame.">
      <button
        type="button"
        className={`${controls.button} ${css.shape}`}
        onClick={() => {
          setNumber("width", String(like.width));
          setNumber("height", String(like.height));
        }}
      >
        Take its shape: {like.width} × {like.height}
      </button>
    </Hint>
  );
}

/** Where the clip begins in a longer video. */
function FirstPicture({ count }: { count: number }) {
  const frames = useStudio((state) => Number(state.numbers.frames));
  const from = useStudio((state) => state.startFrom);
  const setFrom = useStudio((state) => state.setStartFrom);
  if (!(count > frames)) return null;
  return <NumberField spec={firstPictureField(count)} text={from} onText={setFrom} />;
}
