// Before the first paint, so that no page flashes in the other theme. Loaded as a file because the hub's policy allows no inline script of ours.
try {
  const theme = localStorage.getItem('stallscope-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the system's theme holds.
}
