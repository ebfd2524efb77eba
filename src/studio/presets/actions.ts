/** The actions of presets and styles: save, apply, rename, delete; and the reset of all settings. */
import type { Named, Preset, Style } from "../../storage/preset-store.ts";
import type { SettingsLink } from "../link/follow-link.ts";
import type { StudioStore } from "../store/studio-store.ts";
import type { PresetKeeper } from "./keep-presets.ts";
import { resetSettings } from "./reset-settings.ts";
import { isStyled, type Words, withoutStyle, withStyle } from "./styled.ts";

type Link = Pick<SettingsLink, "text" | "applyText">;

type StyleWords = Pick<Style, "prompt" | "negative">;

export function presetActions(store: StudioStore, presets: PresetKeeper, link: Link) {
  /** A name stands for one preset and one style: saving under it again replaces what it stood for. */
  const idOf = (kind: Named["kind"], name: string) =>
    store.getState().named.find((each) => each.kind === kind && each.name === name)?.id ?? crypto.randomUUID();
  return {
    readPresets: presets.read,

    /** Saves what is set now, without the words and the seed. */
    async savePreset(name: string): Promise<void> {
      await presets.keep({ kind: "preset", id: idOf("preset", name), name, settings: link.text() });
      store.getState().announce(`${name} saved`);
    },
    /** Fills the fields; the words and the seed stay, and models that are gone are named. */
    applyPreset({ name, settings }: Preset): void {
      link.applyText(settings);
      store.getState().announce(`${name} applied`);
    },

    async saveStyle(style: Pick<Style, "name" | "prompt" | "negative">): Promise<void> {
      await presets.keep({ kind: "style", id: idOf("style", style.name), ...style });
      store.getState().announce(`${style.name} saved`);
    },
    /**
     * Puts a style's words round the prompts, or takes them off again.
     * @param insteadOf styles that it takes the place of
     */
    toggleStyle(style: StyleWords, insteadOf: readonly StyleWords[] = []): void {
      const { prompt, negative, setPrompt, setNegative } = store.getState();
      const now: Words = { prompt, negative };
      const words = isStyled(now, style)
        ? withoutStyle(now, style)
        : withStyle(insteadOf.filter((other) => isStyled(now, other)).reduce(withoutStyle, now), style);
      setPrompt(words.prompt);
      setNegative(words.negative);
    },

    renameNamed: (named: Named, name: string): Promise<void> => presets.keep({ ...named, name }),
    async removeNamed(named: Named): Promise<void> {
      await presets.remove(named.id);
      const putBack = { label: "Undo", run: () => void presets.keep(named) };
      store.getState().tell("done", { message: `${named.name} is deleted.`, hint: "" }, putBack);
    },

    /** All settings as on a first visit; the words and the checkpoint stay. */
    resetSettings(): void {
      resetSettings(store);
      store.getState().announce("All settings are back to the defaults");
    },
  };
}
