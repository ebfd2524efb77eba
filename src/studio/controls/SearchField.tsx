/** A field that narrows a list as one types. */
import { Search } from "lucide-react";
import css from "./search-field.module.css";

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly words: string;
  readonly onWords: (words: string) => void;
  /** "small": beside a list in the panel. */
  readonly size?: "small" | "usual";
  /** Where it stands and how wide it is. */
  readonly className?: string | undefined;
}

export function SearchField({ label, placeholder, words, onWords, size = "usual", className = "" }: SearchFieldProps) {
  return (
    <label className={`${css.search} ${className}`} data-size={size}>
      <Search aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={words}
        onChange={({ target }) => onWords(target.value)}
      />
    </label>
  );
}
