/** Lays out equal cells as large as the stage allows. */

export interface CellLayout {
  readonly columns: number;
  /** Pixels. */
  readonly cellWidth: number;
}

export interface StageSize {
  readonly width: number;
  readonly height: number;
}

/** Pixels between cells, and the height of the words below a cell's picture. */
const gap = 12;
const wordsHeight = 44;

/**
 * @param aspect width over height of a picture
 * @param wanted columns that the cells must have; absent: as many as make them largest
 */
export function layoutCells(count: number, stage: StageSize, aspect: number, wanted?: number): CellLayout {
  let best: CellLayout = { columns: wanted ?? 1, cellWidth: 0 };
  for (let columns = wanted ?? 1; columns <= (wanted ?? count); columns++) {
    const rows = Math.ceil(count / columns);
    const across = (stage.width - (columns - 1) * gap) / columns;
    const down = (stage.height - (rows - 1) * gap) / rows - wordsHeight;
    const cellWidth = Math.floor(Math.max(0, Math.min(across, down * aspect)));
    if (cellWidth > best.cellWidth) best = { columns, cellWidth };
  }
  return best;
}
