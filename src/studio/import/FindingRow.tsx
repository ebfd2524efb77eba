/** A row about one dropped thing: its kind, or the reason why it cannot be used. Texts from files are shown as text, never as markup. */
import { CircleAlert, Clapperboard, ImageIcon } from "lucide-react";
import { bytesWords } from "../../core/amounts.ts";
import type { ErrorInfo } from "../../core/errors.ts";
import type { ModelKind } from "../../protocol/engine.ts";
import { kindIcons } from "../controls/kind-icons.ts";
import type { Finding } from "../store/imports.ts";
import css from "./import.module.css";

export const kindWords: Readonly<Record<ModelKind, string>> = {
  checkpoint: "Checkpoint",
  motion: "Motion module",
  "tuned-clip": "Tuned clip",
  lora: "LoRA",
  "motion-lora": "Motion LoRA",
  vae: "VAE",
  controlnet: "ControlNet",
  sparsectrl: "SparseCtrl",
  "t2i-adapter": "T2I-Adapter",
  "ip-adapter": "IP-Adapter",
  "image-encoder": "Image encoder",
  preprocessor: "Preprocessor",
  upscaler: "Super-resolution",
  embedding: "Embedding",
};

export function FindingRow({ finding }: { finding: Finding }) {
  if (!finding.usable) return <RefusalRow error={finding.error} />;
  if (finding.kind === "settings") {
    return (
      <li className={css.finding}>
        <Clapperboard aria-hidden />
        <div>
          <p className={css.findingName}>{finding.name}</p>
          <p className={css.findingText}>{finding.restored.settings.prompt}</p>
        </div>
      </li>
    );
  }
  if (finding.kind === "start") {
    return (
      <li className={css.finding}>
        <ImageIcon aria-hidden />
        <div>
          <p className={css.findingName}>{finding.name}</p>
          <p className={css.findingText}>
            The next animation begins with{" "}
            {finding.pictures.length === 1 ? "this picture" : `these ${finding.pictures.length} pictures`} instead of noise;
            Strength then says how much of it is made anew.
          </p>
        </div>
      </li>
    );
  }
  const Icon = kindIcons[finding.kind];
  return (
    <li className={css.finding}>
      <Icon aria-hidden />
      <div>
        <p className={css.findingName}>{finding.name}</p>
        <p className={css.findingText}>{finding.summary}</p>
      </div>
      <p className={css.findingSide}>
        <span>{kindWords[finding.kind]}</span>
        <span>{bytesWords(finding.bytes)}</span>
      </p>
    </li>
  );
}

export function RefusalRow({ error }: { error: ErrorInfo }) {
  return (
    <li className={css.finding} data-refused>
      <CircleAlert aria-hidden />
      <div role="alert">
        <p>{error.message}</p>
        {error.hint !== "" && <p className={css.findingText}>{error.hint}</p>}
      </div>
    </li>
  );
}
