// The tab of the browser says what somebody must not miss while another tab is looked at.

import { STATES, count } from './contract.js';
import { byId } from './dom.js';

/** @typedef {import('./contract.js').Status} Status */

const SIGNS = {
  bad: '<path fill="#c62f2f" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path stroke="#fff" stroke-width="1.8" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>',
  moved: '<path fill="#d08700" d="M8 1.2l7 13.3H1z"/><path stroke="#fff" stroke-width="1.8" d="M8 6v4M8 11.8v.6"/>',
  good: '<circle cx="8" cy="8" r="7.5" fill="#1f7a4d"/><path fill="none" stroke="#fff" stroke-width="1.8" d="M4.4 8.4l2.6 2.5 4.7-5.4"/>',
};

/**
 * Shows how the watch stands.
 * @param {Status | undefined} status
 */
export function title(status) {
  if (!status) return;
  const told = STATES.filter(({ state }) => ['failed', 'blocked', 'drifted'].includes(state) && status.counts[state]);
  const counts = told.map(({ state, label }) => `${count(status.counts[state])} ${label.toLowerCase()}`);
  const wrong = status.lastPass?.reason === undefined ? counts : ['no pass', ...counts];
  document.title = [...wrong, `${status.profile} · reconcile watch`].join(' · ');
  const isBad = status.counts.failed || status.counts.blocked || status.lastPass?.reason !== undefined;
  const sign = isBad ? SIGNS.bad : status.counts.drifted ? SIGNS.moved : SIGNS.good;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${sign}</svg>`;
  const url = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
  const icon = /** @type {HTMLLinkElement} */ (byId('icon'));
  if (icon.href !== url) icon.href = url;
}
