/** The field for the number of animations in a batch. */
import { NumberField } from "../controls/NumberField.tsx";
import { useStudio } from "../studio-context.tsx";
import { batchField } from "./batch.ts";

export function BatchField() {
  const text = useStudio((state) => state.batchCount);
  const setBatchCount = useStudio((state) => state.setBatchCount);
  return <NumberField spec={batchField} text={text} onText={setBatchCount} />;
}
