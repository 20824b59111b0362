// The keyboard. Keys with Ctrl, Alt or the system's key are left to the browser, and so is whatever is typed into a field.

import { byId } from './dom.js';

/** @typedef {import('./route.js').Tab} Tab */
/**
 * What keys do.
 * @typedef {object} Deeds
 * @property {(by: number) => void} move
 * @property {number} page How many rows a screen has
 * @property {number} length How many rows there are
 * @property {() => void} open
 * @property {() => void} leave
 * @property {() => void} reorder
 * @property {(tab: Tab) => void} turn
 */

/** @type {Record<string, Tab>} */
const TABS = { r: 'resources', a: 'activity', p: 'passes' };

/**
 * Listens from now on.
 * @param {Deeds} deeds
 */
export function listen(deeds) {
  const query = /** @type {HTMLInputElement} */ (byId('query'));
  const keys = /** @type {HTMLDialogElement} */ (byId('keys'));
  const grid = byId('grid');
  const detail = byId('detail');

  /** @param {string} key How far a key moves in the list; 0: it does not. */
  const distance = (key) => {
    if (key === 'ArrowDown' || key === 'j') return 1;
    if (key === 'ArrowUp' || key === 'k') return -1;
    if (key === 'PageDown') return deeds.page;
    if (key === 'PageUp') return -deeds.page;
    if (key === 'Home') return -deeds.length;
    return key === 'End' ? deeds.length : 0;
  };

  /** @param {string} key */
  const inSearch = (key) => {
    if (key === 'Escape' && query.value) {
      query.value = '';
      query.dispatchEvent(new Event('input'));
      return true;
    }
    if (key !== 'Escape' && key !== 'Enter' && key !== 'ArrowDown') return false;
    grid.focus();
    return true;
  };

  /** @param {string} key @param {Element} at */
  const inList = (key, at) => {
    const rests = at === document.body || at === grid;
    const by = distance(key);
    if (by && (rests || (detail.contains(at) && (key === 'j' || key === 'k')))) {
      deeds.move(by);
      return true;
    }
    if (key !== 'Enter' || at !== grid) return false;
    deeds.open();
    return true;
  };

  /** @param {string} key */
  const anywhere = (key) => {
    const tab = TABS[key];
    if (tab) deeds.turn(tab);
    else if (key === 's') deeds.reorder();
    else if (key === 'Escape') deeds.leave();
    else if (key === '?') keys.showModal();
    else if (key === '/') {
      deeds.turn('resources');
      query.focus();
      query.select();
    } else return false;
    return true;
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    const at = document.activeElement ?? document.body;
    if (keys.open || at.closest('#locked')) return;
    const types = at instanceof HTMLInputElement || at instanceof HTMLSelectElement;
    const taken = at === query ? inSearch(event.key) : types ? false : inList(event.key, at) || anywhere(event.key);
    if (taken) event.preventDefault();
  });
  byId('show-keys').addEventListener('click', () => keys.showModal());
}
