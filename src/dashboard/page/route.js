// What is looked at: the filter, the order, the opened object and the tab. All of it is in the address of the page, so that
// a view can be kept and shared. Knows no document but its address.

import { STATES } from './contract.js';

/** @typedef {import('./contract.js').State} State */
/** @typedef {'resources'|'activity'|'passes'} Tab */
/** @typedef {'state'|'address'|'since'} Order */
/**
 * @typedef {object} Route
 * @property {ReadonlySet<State>} states Empty: all of them
 * @property {string} kind Empty: all of them
 * @property {string} query
 * @property {Order} order
 * @property {string} open The address of the opened object; empty: none
 * @property {Tab} tab
 */

/** @type {readonly Tab[]} */
export const TABS = ['resources', 'activity', 'passes'];
/** @type {readonly Order[]} */
const ORDERS = ['state', 'address', 'since'];

/**
 * The route that an address holds. What it does not know is left out.
 * @param {string} hash
 * @returns {Route}
 */
export function parse(hash) {
  const told = new URLSearchParams(hash.replace(/^#/, ''));
  const wanted = (told.get('state') ?? '').split(',');
  const known = STATES.map(({ state }) => state).filter((state) => wanted.includes(state));
  return {
    states: new Set(known),
    kind: told.get('kind') ?? '',
    query: told.get('q') ?? '',
    order: ORDERS.find((order) => order === told.get('order')) ?? 'state',
    open: told.get('open') ?? '',
    tab: TABS.find((tab) => tab === told.get('view')) ?? 'resources',
  };
}

/**
 * The address of a route: only what is not as usual.
 * @param {Route} route
 */
export function format(route) {
  const told = new URLSearchParams();
  if (route.tab !== 'resources') told.set('view', route.tab);
  if (route.states.size) told.set('state', [...route.states].join(','));
  if (route.kind) told.set('kind', route.kind);
  if (route.query) told.set('q', route.query);
  if (route.order !== 'state') told.set('order', route.order);
  if (route.open) told.set('open', route.open);
  // Slashes and commas may stand in a fragment as they are.
  return told.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
}

/**
 * Whether the filter lets everything through.
 * @param {Route} route
 */
export function isOpen(route) {
  return !route.states.size && !route.kind && !route.query.trim();
}
