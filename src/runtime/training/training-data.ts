/** What a training step sees, wherever it comes from: a fixture's own numbers or a person's pictures. */

export interface BatchShape {
  /** Pictures or clips in a step. */
  readonly batch: number;
  /** null: pictures. */
  readonly frames: number | null;
  readonly channels: number;
  /** Size of the latents. */
  readonly height: number;
  readonly width: number;
  readonly textTokens: number;
}

export interface TrainingBatch {
  readonly shape: BatchShape;
  /** [B, C, h, w], of clips [B, F, C, h, w]; in the model's scale. */
  readonly latents: Float32Array;
  /** As long as the latents, of unit variance unless it has an offset. */
  readonly noise: Float32Array;
  /** [B] */
  readonly timesteps: readonly number[];
  /** States of each sample's text, [B, tokens, D]. */
  readonly text: Float32Array;
  /** Tokens of each sample's text, [B, tokens], for a text encoder that learns, too; null where they are unknown. */
  readonly ids: Int32Array | null;
}

export interface TrainingData {
  /** The same for the same number, so that a resumed training goes on as if it had not stopped. */
  batch(number: number): Promise<TrainingBatch>;
}
