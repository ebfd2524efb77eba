// Applies the remembered theme before the first paint; src/studio/header/theme.ts remembers it.
try {
  const theme = localStorage.getItem("zoetrope-theme");
  document.documentElement.dataset.theme = theme === "light" || theme === "dark" ? theme : "system";
} catch {
  // Without storage it follows the system, as on the first visit.
  document.documentElement.dataset.theme = "system";
}
