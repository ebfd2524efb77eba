/** The words and the picture that describe a model to people. */

/** What a model file's metadata tells people about the model. */
export interface About {
  readonly title: string | null;
  readonly author: string | null;
  /** A small picture as a data URL of an image type; a reader of files accepts nothing else. */
  readonly thumbnail: string | null;
}
