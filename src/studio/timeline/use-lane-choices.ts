/** What can have a lane now, as the panel stands. */
import { type LaneChoice, laneChoices } from "../settings/lanes.ts";
import { useStudio } from "../studio-context.tsx";

export function useLaneChoices(): LaneChoice[] {
  const numbers = useStudio((state) => state.numbers);
  const shelf = useStudio((state) => state.shelf);
  const controls = useStudio((state) => state.controls);
  const ipAdapter = useStudio((state) => state.ipAdapter);
  const likenessWeight = useStudio((state) => state.likenessWeight);
  const loraUse = useStudio((state) => state.loraUse);
  return laneChoices({ numbers, shelf, controls, ipAdapter, likenessWeight, loraUse });
}
