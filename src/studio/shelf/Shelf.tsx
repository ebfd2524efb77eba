/** The models in use beside the checkpoint: LoRAs as looks, then motion module, control and the rest, and the buttons that add more. */
import { GraduationCap, Library, Link, Plus } from "lucide-react";
import { Toolbar } from "radix-ui";
import { useRef } from "react";
import controls from "../controls/controls.module.css";
import { filesOfInput } from "../controls/dropped-files.ts";
import { Hint } from "../controls/Hint.tsx";
import { fetchedPercent } from "../store/catalogue.ts";
import { taughtPercent } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { ControlField } from "./ControlField.tsx";
import { Embeddings } from "./Embeddings.tsx";
import { LikenessField } from "./LikenessField.tsx";
import { Looks } from "./Looks.tsx";
import { ModelSelect } from "./ModelSelect.tsx";
import { StoredModels } from "./StoredModels.tsx";
import css from "./shelf.module.css";
import { TriggerWords } from "./TriggerWords.tsx";

export function Shelf() {
  const shelf = useStudio((state) => state.shelf);
  const hasVae = shelf.some(({ kind }) => kind === "vae");
  const forgets = useStudio(({ device }) => device.status === "ready" && device.report.storage === "memory");
  return (
    <>
      <h2 className={css.heading}>Look</h2>
      <Looks />
      <CheckpointWords />
      <Embeddings />
      <h2 className={css.heading}>Models</h2>
      <ModelSelect kind="motion" />
      {hasVae && <ModelSelect kind="vae" />}
      <ControlField />
      <LikenessField />
      <AddFiles />
      {forgets && <p className={css.forgets}>This browser keeps no files here: added models last only as long as this tab.</p>}
    </>
  );
}

/** The words that call what a personalised checkpoint has learned. */
function CheckpointWords() {
  const checkpoint = useStudio((state) => state.shelf.find(({ id }) => id === state.checkpoint));
  if (checkpoint === undefined || checkpoint.triggerWords.length === 0) return null;
  return (
    <div className={css.checkpointWords}>
      <span>{checkpoint.name} knows</span>
      <TriggerWords words={checkpoint.triggerWords} />
    </div>
  );
}

function AddFiles() {
  const input = useRef<HTMLInputElement>(null);
  const actions = useActions();
  return (
    <Toolbar.Root className={css.add} aria-label="Add models">
      <Hint text="Checkpoints, motion modules, LoRAs, embeddings and more (.safetensors, .ckpt, .pt, .pth, .bin, .gguf); a preprocessor for ControlNets, such as depth (.onnx); a GIF made here, to bring back its settings; or a picture, GIF or video to begin with.">
        <Toolbar.Button className={controls.button} onClick={() => input.current?.click()}>
          <Plus aria-hidden />
          Add files
        </Toolbar.Button>
      </Hint>
      <Hint text="Fetches a file from a model host straight to this device; an interrupted download goes on where it was.">
        <Toolbar.Button className={controls.button} onClick={() => void actions.askAddress()}>
          <Link aria-hidden />
          Add by URL
        </Toolbar.Button>
      </Hint>
      <GetModels />
      <Teach />
      <span className={css.addHint}>or drop files anywhere</span>
      {/* In a line that exists without it, so that the settings below do not move. */}
      <StoredModels />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to add"
        onChange={({ currentTarget }) => {
          void actions.inspectFiles(filesOfInput(currentTarget));
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </Toolbar.Root>
  );
}

/** Opens the catalogue; while files from it are on their way, it says how far they are. */
function GetModels() {
  const hidden = useStudio((state) => state.catalogueHidden);
  const percent = useStudio(({ catalogue }) => (catalogue.status === "fetching" ? fetchedPercent(catalogue) : null));
  const actions = useActions();
  if (hidden && percent === null) return null;
  return (
    <Hint text="Real models from the sites that publish them, one by one or as sets that animate together. Nothing is fetched before you agree.">
      <Toolbar.Button className={controls.button} onClick={() => void actions.openCatalogue()}>
        <Library aria-hidden />
        {percent === null ? "Get models" : `Getting ${percent} %`}
      </Toolbar.Button>
    </Hint>
  );
}

/** Opens the dialog of teaching; while something is taught, it says how far that is. */
function Teach() {
  const percent = useStudio(({ teach }) => (teach.status === "training" ? taughtPercent(teach) : null));
  const actions = useActions();
  return (
    <Hint text="Teaches a LoRA from your own pictures or clips, or tunes the model on one clip, on this device.">
      <Toolbar.Button className={controls.button} onClick={() => actions.openTeach()}>
        <GraduationCap aria-hidden />
        {percent === null ? "Teach" : `Teaching ${percent} %`}
      </Toolbar.Button>
    </Hint>
  );
}
