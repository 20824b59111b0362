// The theme that somebody chose, set before the first paint: no module, so that it runs before the page is drawn.

(() => {
  const root = document.documentElement;
  /** @type {string | null} */
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch {
    // Storage can be forbidden; then the system's theme is shown.
  }
  if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
})();
