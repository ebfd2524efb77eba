// Applies the remembered theme before the first paint; src/studio/header/theme.ts remembers it.
try {
  const theme = localStorage.getItem("zoetrope-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme holds.
}
