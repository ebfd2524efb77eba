/** The pictures worker as the page sees it (through comlink). Types only. */

export interface PicturesApi {
  /**
   * Reads a picture or an animated GIF into PNGs.
   * @param most the number of frames after which the rest of a GIF is left out
   * Rejects when the browser cannot read the file.
   */
  read(file: File, most: number): Promise<readonly Blob[]>;
}
