// Applies the remembered theme before the first paint; src/studio/header/theme.ts remembers it.
try {
  const theme = localStorage.getItem("zoetrope-theme");
  if (theme === "light" || theme === "system") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage it is dark, as on the first visit.
}
