// The switch between the system's theme, light and dark. `theme.js` sets the choice before the first paint.

import { mark } from './dom.js';

/** Lets the buttons switch, and remembers what was chosen where that is allowed. */
export function themes() {
  const root = document.documentElement;
  const buttons = [...document.querySelectorAll('[data-theme-choice]')];
  const show = () => {
    for (const button of buttons) {
      mark(button, 'aria-pressed', String(button.getAttribute('data-theme-choice') === (root.dataset.theme ?? 'auto')));
    }
  };
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const choice = button.getAttribute('data-theme-choice');
      if (choice && choice !== 'auto') root.dataset.theme = choice;
      else delete root.dataset.theme;
      try {
        if (root.dataset.theme) localStorage.setItem('theme', root.dataset.theme);
        else localStorage.removeItem('theme');
      } catch {
        // Storage can be forbidden; then the choice lasts as long as the page.
      }
      show();
    });
  }
  show();
}
