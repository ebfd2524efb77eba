/** The frames that are given as pictures, each with its removal. */
import { Hint } from "../controls/Hint.tsx";
import { PictureRow } from "../controls/PictureRow.tsx";
import { useStudio } from "../studio-context.tsx";

const HINT =
  "This frame comes out as the picture, and the others are drawn round it. A SparseCtrl, dropped as a model, makes the movement between them follow better.";

export function HeldFrames() {
  const held = useStudio((state) => state.heldFrames);
  const hold = useStudio((state) => state.holdFrame);
  return (["first", "last"] as const).map((place) => {
    const given = held[place];
    if (given === null) return null;
    return (
      <Hint key={place} text={HINT} side="right">
        <div>
          <PictureRow
            words={place === "first" ? "First frame:" : "Last frame:"}
            name={given.name}
            pictures={[given.picture]}
            removal={`Draw the ${place} frame without ${given.name}`}
            onRemove={() => hold(place, null)}
          />
        </div>
      </Hint>
    );
  });
}
