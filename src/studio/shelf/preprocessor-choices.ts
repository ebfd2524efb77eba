/** What a control model can be shown of its pictures, as the choices of one list: filters, and models of the shelf that draw. */
import { PREPROCESSOR_LABELS, PREPROCESSORS, type Preprocessor } from "../../core/preprocess/preprocessor-names.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { ControlUse } from "../store/control.ts";

/** No filter's name has a colon. */
const MODEL = "model:";

export function preprocessorChoices(shelf: readonly ShelfItem[]): { value: string; label: string }[] {
  const models = shelf.filter(({ kind }) => kind === "preprocessor");
  return [
    ...PREPROCESSORS.map((value) => ({ value, label: PREPROCESSOR_LABELS[value] })),
    ...models.map(({ id, name }) => ({ value: `${MODEL}${id}`, label: `Drawn by ${name}` })),
  ];
}

export function choiceOf(preprocessor: ControlUse["preprocessor"]): string {
  return typeof preprocessor === "object" ? `${MODEL}${preprocessor.id}` : preprocessor;
}

export function preprocessorOf(choice: string): ControlUse["preprocessor"] {
  return choice.startsWith(MODEL) ? { id: choice.slice(MODEL.length) } : (choice as Preprocessor);
}
