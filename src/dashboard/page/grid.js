// The list. Only the rows that can be seen are in the document, however many there are; each stands where it would stand.
// Promises: what is active stays active and stays in its place on the screen while rows come, go and move.

import { counted } from './contract.js';
import { mark } from './dom.js';
import { draw, fill } from './row.js';

/** @typedef {import('./board.js').Row} Row */
/** @typedef {import('./row.js').Drawn} Drawn */

/** Rows above and below what is seen: scrolling by a notch shows no gap. */
const SPARE = 6;
/** How long a row that changed is marked. */
const FRESH = 2_500;

/** The list of objects. */
export class Grid {
  #root;
  #body;
  #scroller;
  #open;
  /** @type {Row[]} */
  #rows = [];
  /** @type {Map<string, number>} */
  #places = new Map();
  /** By address. @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** Out of use. @type {Drawn[]} */
  #spare = [];
  /** Until when a row is marked. @type {Map<string, number>} */
  #fresh = new Map();
  #active = '';
  #opened = '';
  #height = 0;
  #frame = 0;

  /**
   * @param {{root: HTMLElement, body: HTMLElement, scroller: HTMLElement}} parts the grid, its rows, and what scrolls
   * @param {(address: string) => void} open is told what somebody wants to see
   */
  constructor({ root, body, scroller }, open) {
    this.#root = root;
    this.#body = body;
    this.#scroller = scroller;
    this.#open = open;
    // Whatever scrolls, the list or the page.
    document.addEventListener('scroll', () => this.#soon(), { capture: true, passive: true });
    const sizes = new ResizeObserver(() => this.#measure());
    sizes.observe(scroller);
    sizes.observe(body);
    addEventListener('resize', () => this.#measure());
    body.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest('.row') : null;
      const address = row instanceof HTMLElement ? row.dataset.address : undefined;
      if (!address) return;
      this.#activate(address);
      this.#open(address);
    });
    // Nothing scrolls: between the press of a mouse button and its release the row would be another one.
    root.addEventListener('focus', () => {
      const first = this.#rows[this.#firstSeen()];
      if (!this.#active && first) this.#activate(first.resource.address);
    });
  }

  /** The address of the active row; empty: none. */
  get active() {
    return this.#active;
  }

  /**
   * Shows other rows, from the first one.
   * @param {Row[]} rows
   * @param {string} opened the address of what is open
   */
  restart(rows, opened) {
    this.#active = rows.some(({ resource }) => resource.address === this.#active) ? this.#active : '';
    this.#set(rows, opened);
    const { top } = this.#port();
    const start = this.#body.getBoundingClientRect().top;
    if (start < top) this.#scrollBy(start - top);
    this.#draw();
  }

  /**
   * Shows the rows as they stand now: what is looked at stays in its place.
   * @param {Row[]} rows
   * @param {string} opened the address of what is open
   */
  show(rows, opened) {
    const hold = this.#held();
    this.#set(rows, opened);
    const at = hold && this.#places.get(hold.address);
    if (hold && at !== undefined) {
      this.#scrollBy(this.#body.getBoundingClientRect().top + at * this.#height - hold.top);
    }
    this.#draw();
  }

  /**
   * @param {Row[]} rows
   * @param {string} opened
   */
  #set(rows, opened) {
    const was = this.#places.get(this.#active);
    this.#rows = rows;
    this.#opened = opened;
    this.#places = new Map(rows.map(({ resource }, at) => [resource.address, at]));
    if (this.#active && !this.#places.has(this.#active)) {
      // What was active is not to be seen any more: its place is.
      this.#active = rows[Math.min(was ?? 0, rows.length - 1)]?.resource.address ?? '';
    }
    mark(this.#root, 'aria-rowcount', String(rows.length + 1));
    mark(this.#root, 'aria-label', `${counted(rows.length, 'resource')}`);
    this.#measure();
  }

  /**
   * Marks rows for a moment.
   * @param {Iterable<string>} addresses
   */
  freshen(addresses) {
    const until = Date.now() + FRESH;
    for (const address of addresses) {
      this.#fresh.set(address, until);
      const drawn = this.#drawn.get(address);
      if (!drawn) continue;
      // Taken away first, so that a second change is seen too.
      drawn.root.classList.remove('fresh');
      void drawn.root.offsetWidth;
      drawn.root.classList.add('fresh');
    }
    setTimeout(() => this.#fade(), FRESH + 50);
  }

  #fade() {
    const now = Date.now();
    for (const [address, until] of this.#fresh) {
      if (until > now) continue;
      this.#fresh.delete(address);
      this.#drawn.get(address)?.root.classList.remove('fresh');
    }
  }

  /**
   * Makes the row active that is so many rows away, and brings it into view.
   * @param {number} by
   */
  move(by) {
    const at = this.#places.get(this.#active) ?? this.#firstSeen() - Math.sign(by);
    const wanted = Math.max(0, Math.min(this.#rows.length - 1, at + by));
    const address = this.#rows[wanted]?.resource.address;
    if (address === undefined) return;
    this.#activate(address);
    this.#reveal(wanted);
    this.#draw();
  }

  /** How many rows are seen at once. */
  get page() {
    const { top, bottom } = this.#port();
    return Math.max(1, Math.floor((bottom - top) / Math.max(1, this.#height)) - 1);
  }

  /** How many rows there are. */
  get length() {
    return this.#rows.length;
  }

  /**
   * Makes a row active and brings it into view, if it is in the list.
   * @param {string} address
   */
  point(address) {
    const at = this.#places.get(address);
    if (at === undefined) return;
    this.#activate(address);
    this.#reveal(at);
    this.#draw();
  }

  /** Puts the focus on the list. */
  focus() {
    this.#root.focus({ preventScroll: true });
  }

  /** @param {string} address */
  #activate(address) {
    this.#active = address;
    this.#draw();
  }

  /** What must stay where it is on the screen: the active row if it is seen, else the first one unless it is the very first. */
  #held() {
    if (!this.#isSeen || !this.#rows.length) return undefined;
    const { top, bottom } = this.#port();
    const origin = this.#body.getBoundingClientRect().top;
    const first = Math.floor((top - origin) / this.#height);
    if (first <= 0 && !this.#root.matches(':focus')) return undefined;
    const active = this.#places.get(this.#active);
    const seen = (/** @type {number} */ at) => origin + at * this.#height >= top && origin + (at + 1) * this.#height <= bottom;
    const at = active !== undefined && seen(active) ? active : first;
    const address = this.#rows[Math.max(0, at)]?.resource.address;
    return address === undefined ? undefined : { address, top: origin + Math.max(0, at) * this.#height };
  }

  /** Whether it is in sight, and measured. */
  get #isSeen() {
    return this.#height > 0 && this.#body.offsetParent !== null;
  }

  /** The first row that is seen as a whole. */
  #firstSeen() {
    const hidden = this.#port().top - this.#body.getBoundingClientRect().top;
    return Math.min(Math.max(0, Math.ceil(hidden / this.#height)), this.#rows.length - 1);
  }

  /** Whether the list scrolls by itself; if not, the page does. */
  #scrolls() {
    return getComputedStyle(this.#scroller).overflowY !== 'visible';
  }

  /** What of the screen shows rows. */
  #port() {
    const head = this.#body.previousElementSibling;
    if (!this.#scrolls()) {
      const above = document.querySelector('.stays');
      const covered = above ? above.getBoundingClientRect().height : 0;
      return { top: covered, bottom: innerHeight };
    }
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    return { top: top + (head ? head.getBoundingClientRect().height : 0), bottom };
  }

  /** @param {number} by */
  #scrollBy(by) {
    if (Math.abs(by) < 1) return;
    const target = this.#scrolls() ? this.#scroller : document.scrollingElement;
    if (target) target.scrollTop += by;
  }

  /** @param {number} at */
  #reveal(at) {
    const { top, bottom } = this.#port();
    const start = this.#body.getBoundingClientRect().top + at * this.#height;
    if (start < top) this.#scrollBy(start - top);
    else if (start + this.#height > bottom) this.#scrollBy(start + this.#height - bottom);
  }

  #measure() {
    const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const height = root * Number.parseFloat(getComputedStyle(this.#body).getPropertyValue('--row'));
    if (height && height !== this.#height) {
      this.#height = height;
      for (const drawn of this.#drawn.values()) drawn.at = -1;
    }
    this.#body.style.height = `${this.#rows.length * this.#height}px`;
    this.#soon();
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const wanted = new Set(this.#isSeen ? this.#around() : []);
    for (const [address, drawn] of this.#drawn) {
      if (wanted.has(address)) continue;
      this.#drawn.delete(address);
      drawn.root.remove();
      this.#spare.push(drawn);
    }
    const now = Date.now();
    for (const address of wanted) {
      const at = this.#places.get(address) ?? 0;
      const row = this.#rows[at];
      if (row) this.#place(address, at, row, now);
    }
    this.#spare.length = Math.min(this.#spare.length, 2 * SPARE);
    mark(this.#root, 'aria-activedescendant', this.#drawn.get(this.#active)?.root.id ?? null);
  }

  /** The addresses of the rows that are seen, and some more. */
  #around() {
    const { top, bottom } = this.#port();
    const origin = this.#body.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor((top - origin) / this.#height) - SPARE);
    const to = Math.min(this.#rows.length, Math.ceil((bottom - origin) / this.#height) + SPARE);
    const addresses = this.#rows.slice(from, to).map(({ resource }) => resource.address);
    // A screen reader is told of the active row by its id: it is there, seen or not.
    return this.#places.has(this.#active) ? [...addresses, this.#active] : addresses;
  }

  /**
   * @param {string} address
   * @param {number} at
   * @param {Row} row
   * @param {number} now
   */
  #place(address, at, row, now) {
    let drawn = this.#drawn.get(address);
    if (!drawn) {
      drawn = this.#spare.pop() ?? draw();
      this.#drawn.set(address, drawn);
      drawn.root.classList.toggle('fresh', (this.#fresh.get(address) ?? 0) > now);
      drawn.root.dataset.address = address;
    }
    if (!drawn.root.isConnected) this.#body.append(drawn.root);
    if (drawn.at !== at) {
      drawn.at = at;
      drawn.root.style.transform = `translateY(${at * this.#height}px)`;
      mark(drawn.root, 'aria-rowindex', String(at + 2));
    }
    mark(drawn.root, 'aria-selected', String(address === this.#opened));
    drawn.root.classList.toggle('active', address === this.#active);
    if (drawn.shows !== row.resource) fill(drawn, row.resource);
  }
}
