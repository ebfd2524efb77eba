/** The layout of a sprite sheet. */

export interface SheetGrid {
  readonly columns: number;
  readonly rows: number;
}

/** The grid that makes the sheet as square as possible; the last row may have empty places. */
export function sheetGrid(frameCount: number, width: number, height: number): SheetGrid {
  const columns = Math.max(1, Math.min(frameCount, Math.round(Math.sqrt((frameCount * height) / width))));
  const rows = Math.ceil(frameCount / columns);
  return { columns, rows };
}
