// The page: what comes from the stream goes to the board, what somebody wants to see goes to the address, and both are
// drawn together, at most once a frame.

import { Missing, ask, keep } from './api.js';
import { Board } from './board.js';
import { counted, outcome } from './contract.js';
import { Detail } from './detail.js';
import { announce, byId, element, mark, write } from './dom.js';
import { Grid } from './grid.js';
import { listen } from './keys.js';
import { Activity, showPasses } from './log.js';
import { Overview } from './overview.js';
import { TABS, format, isOpen, parse } from './route.js';
import { Stream } from './stream.js';
import { themes } from './themes.js';
import { tick } from './time.js';
import { title } from './title.js';

/** @typedef {import('./route.js').Route} Route */
/** @typedef {import('./stream.js').Link} Link */
/** @typedef {import('./contract.js').Delta} Delta */

/** No room beside the list: the page scrolls, and what is opened lies above it. The style sheets say the same. */
const NARROW = matchMedia('(max-width: 60em), (max-height: 34em)');
/** So long nobody must type before the address is changed and the count is read out. */
const TYPED = 400;

const query = /** @type {HTMLInputElement} */ (byId('query'));
const kinds = /** @type {HTMLSelectElement} */ (byId('kind'));

const board = new Board();
let route = parse(location.hash);
/** @type {Link} */
let link = { is: 'connecting' };
/** What the list shows was chosen by another route. */
let turned = true;
let frame = 0;
let typed = 0;
let passesOf = -1;
/** What had the focus when an object was opened. @type {Element | null} */
let opener = null;

const overview = new Overview((state) => {
  const states = new Set(state ? route.states : []);
  if (state && !states.delete(state)) states.add(state);
  go({ states });
});
const grid = new Grid({ root: byId('grid'), body: byId('rows'), scroller: byId('scroller') }, (open) => go({ open }, 'visit'));
const detail = new Detail(() => stream.connect());
const activity = new Activity();
const stream = new Stream(connected, take);

/**
 * Looks at something else.
 * @param {Partial<Route>} to
 * @param {'replace' | 'visit' | 'later'} how whether one can go back, or the address is changed when typing ends
 */
function go(to, how = 'replace') {
  route = { ...route, ...to };
  if (how !== 'later') address(how);
  turned ||= ['states', 'kind', 'query', 'order'].some((name) => name in to);
  soon();
}

/** @param {'replace' | 'visit'} how */
function address(how) {
  const wanted = `#${format(route)}`;
  if (wanted === (location.hash || '#')) return;
  const url = location.pathname + location.search + (wanted === '#' ? '' : wanted);
  if (how === 'visit') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
}

/** @param {Delta} delta */
function take(delta) {
  const before = board.status?.lastPass?.number;
  const changed = board.take(delta);
  title(board.status);
  // Of much nothing stands out.
  if (changed.size < 1_000) grid.freshen(changed);
  const pass = delta.status.lastPass;
  if (pass && before !== undefined && pass.number !== before && (pass.changed || pass.failed || pass.reason)) {
    announce(`Pass ${pass.number}: ${pass.reason ?? outcome(pass)}`);
  }
  soon();
}

/** @param {Link} now */
function connected(now) {
  const before = link;
  link = now;
  if (now.is === before.is && now.is === 'live') return;
  overview.connection(now);
  const locked = byId('locked');
  if (now.is === 'locked') {
    write(byId('refused'), now.refused ? 'This token is not accepted.' : '');
    locked.hidden = false;
    byId('token').focus();
  } else if (now.is === 'live') {
    if (!locked.hidden) grid.focus();
    locked.hidden = true;
    detail.doubt();
    passesOf = -1;
    if (byId('voice').dataset.lost) announce('Connected again.');
    delete byId('voice').dataset.lost;
  } else if (now.is === 'lost' && !byId('voice').dataset.lost) {
    byId('voice').dataset.lost = 'yes';
    announce('The connection is lost. What is shown is not up to date.');
  }
  document.body.classList.toggle('is-locked', !locked.hidden);
  soon();
}

function soon() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const { status } = board;
  for (const tab of TABS) {
    const isShown = route.tab === tab;
    byId(tab).hidden = !isShown;
    mark(byId(`tab-${tab}`), 'aria-selected', String(isShown));
    mark(byId(`tab-${tab}`), 'tabindex', isShown ? '0' : '-1');
  }
  if (status) overview.show(status, board.size, route);
  list();
  if (route.tab === 'activity') activity.show(board);
  if (route.tab === 'passes') void passes();
  opened();
}

function list() {
  if (query.value !== route.query && document.activeElement !== query) query.value = route.query;
  const known = route.kind && !board.kinds.includes(route.kind) ? [...board.kinds, route.kind] : board.kinds;
  if (kinds.options.length !== known.length + 1 || known.some((kind, at) => kinds.options[at + 1]?.value !== kind)) {
    kinds.replaceChildren(element('option', { value: '' }, 'All kinds'), ...known.map((kind) => element('option', { value: kind }, kind)));
  }
  kinds.value = route.kind;
  const rows = board.select(route);
  byId('grid').hidden = rows.length === 0;
  if (turned) grid.restart(rows, route.open);
  else grid.show(rows, route.open);
  turned = false;
  write(byId('shown'), isOpen(route) ? counted(board.size, 'resource') : `${rows.length} of ${counted(board.size, 'resource')}`);
  byId('shown').classList.toggle('all', isOpen(route));
  byId('clear').hidden = isOpen(route);
  for (const header of document.querySelectorAll('[data-order]')) {
    const isBy = header.getAttribute('data-order') === route.order;
    mark(header, 'aria-sort', isBy ? (route.order === 'since' ? 'descending' : 'ascending') : null);
  }
  const nothing = byId('nothing');
  nothing.hidden = rows.length > 0;
  if (!rows.length) write(nothing, emptiness());
}

/** Why the list is empty. */
function emptiness() {
  const { status } = board;
  if (board.size) return 'No resource matches the filter.';
  if (!status) return link.is === 'lost' ? 'Nothing is known: the watch cannot be reached.' : 'Connecting to the watch…';
  if (!status.ready) {
    return status.underWay === undefined ? 'No pass could be made yet: what there is is not known.' : 'The first pass is under way: manifests are read and the services are asked.';
  }
  return `Nothing is declared in ${status.paths.join(', ')}, and nothing is recorded.`;
}

async function passes() {
  const last = board.status?.lastPass?.number ?? 0;
  if (last === passesOf || link.is !== 'live') return;
  passesOf = last;
  try {
    const response = await ask('passes', AbortSignal.timeout(10_000));
    showPasses((await response.json()).passes);
  } catch (error) {
    // The stream tells why; when it is back, they are asked for again.
    if (!(error instanceof Missing)) passesOf = -1;
  }
}

function opened() {
  const panel = byId('detail');
  const was = detail.isOpen;
  const isIn = panel.contains(document.activeElement);
  if (!was && route.open) opener = document.activeElement;
  detail.show(route.open, board.find(route.open), board.status?.mode ?? '');
  document.body.classList.toggle('has-detail', detail.isOpen);
  // Where it lies above everything, nothing below it can be reached.
  const covers = detail.isOpen && NARROW.matches;
  mark(panel, 'role', covers ? 'dialog' : 'region');
  mark(panel, 'aria-modal', covers ? 'true' : null);
  for (const part of document.querySelectorAll('.top, .notices, .looks, .skip')) part.toggleAttribute('inert', covers);
  if (!was && detail.isOpen) {
    grid.point(route.open);
    if (covers) detail.focus();
  }
  if (was && !detail.isOpen && isIn) {
    // Back to where it was opened.
    if (opener instanceof HTMLElement && opener !== document.body && opener.offsetParent) opener.focus();
    else grid.focus();
  }
}

listen({
  move(by) {
    const had = grid.active;
    if (document.activeElement === document.body) grid.focus();
    // The first step is onto the list.
    if (had || Math.abs(by) > 1) grid.move(by);
    // What is open follows the list while the focus is in it.
    if (detail.isOpen && byId('detail').contains(document.activeElement)) go({ open: grid.active });
  },
  get page() {
    return grid.page;
  },
  get length() {
    return grid.length;
  },
  open() {
    if (!grid.active) return;
    go({ open: grid.active }, route.open ? 'replace' : 'visit');
    draw();
    detail.focus();
  },
  leave() {
    if (route.open) go({ open: '' });
    else if (route.query) go({ query: '' });
    else go({ states: new Set(), kind: '' });
  },
  reorder() {
    go({ order: route.order === 'state' ? 'address' : route.order === 'address' ? 'since' : 'state' });
  },
  turn(tab) {
    go({ tab });
    draw();
  },
});

query.addEventListener('input', () => {
  go({ query: query.value }, 'later');
  clearTimeout(typed);
  typed = setTimeout(() => {
    address('replace');
    announce(`${board.select(route).length} of ${counted(board.size, 'resource')}`);
  }, TYPED);
});
kinds.addEventListener('change', () => go({ kind: kinds.value }));
byId('clear').addEventListener('click', () => {
  go({ states: new Set(), kind: '', query: '' });
  query.value = '';
  grid.focus();
});
byId('skip').addEventListener('click', () => {
  go({ tab: 'resources' });
  draw();
  grid.focus();
});
byId('retry').addEventListener('click', () => stream.connect());
byId('detail-close').addEventListener('click', () => go({ open: '' }));
byId('board').addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const address = target?.closest('[data-open]')?.getAttribute('data-open');
  if (address) {
    event.preventDefault();
    go({ open: address }, 'visit');
    draw();
    detail.focus();
  }
  const order = target?.closest('[data-order] button')?.parentElement?.dataset.order;
  if (order) go({ order: /** @type {Route['order']} */ (order) });
  const tab = TABS.find((known) => known === target?.closest('[data-tab]')?.getAttribute('data-tab'));
  if (tab) go({ tab });
});
document.querySelector('[role=tablist]')?.addEventListener('keydown', (event) => {
  if (!(event instanceof KeyboardEvent)) return;
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = by && TABS[(TABS.indexOf(route.tab) + by + TABS.length) % TABS.length];
  if (!tab) return;
  event.preventDefault();
  go({ tab });
  draw();
  byId(`tab-${tab}`).focus();
});
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId('token'));
  keep(field.value);
  field.value = '';
  stream.connect();
});
addEventListener('popstate', () => {
  route = parse(location.hash);
  query.value = route.query;
  turned = true;
  soon();
});
addEventListener('online', () => link.is === 'lost' && stream.connect());
NARROW.addEventListener('change', soon);

themes();
setInterval(() => {
  if (document.hidden) return;
  tick();
  overview.countdown(link);
}, 1_000);
document.addEventListener('visibilitychange', tick);
stream.connect();
draw();
