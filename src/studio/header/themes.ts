import { Monitor, Moon, Sun } from "lucide-react";

/** The themes as menus offer them. */
export const themes = [
  { value: "dark", label: "Dark", Icon: Moon },
  { value: "light", label: "Light", Icon: Sun },
  { value: "system", label: "As the system", Icon: Monitor },
] as const;
