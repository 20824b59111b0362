// Every object as it stands, kept up to date by deltas, and what of it is to be seen. Knows no document.

import { STATES } from './contract.js';

/** @typedef {import('./contract.js').Resource} Resource */
/** @typedef {import('./contract.js').Delta} Delta */
/** @typedef {import('./contract.js').Status} Status */
/** @typedef {import('./contract.js').Moment} Moment */
/** @typedef {import('./route.js').Route} Route */
/**
 * An object with what is looked up often.
 * @typedef {object} Row
 * @property {Resource} resource
 * @property {number} rank The place of its state in `STATES`
 * @property {number} since
 * @property {string} text What is searched, in lower case
 */

/** So many moments are kept. */
const KEPT_MOMENTS = 300;

const RANKS = new Map(STATES.map(({ state }, rank) => [state, rank]));

/** @param {Resource} resource @returns {Row} */
function row(resource) {
  const parts = [resource.address, resource.id, resource.error, resource.source];
  for (const { field, word } of resource.drift) parts.push(field, word);
  return {
    resource,
    rank: RANKS.get(resource.state) ?? 0,
    since: Date.parse(resource.since) || 0,
    text: parts.join('\n').toLowerCase(),
  };
}

/**
 * Whether an object stands in another way than before.
 * @param {Resource} before
 * @param {Resource} now
 */
function moved(before, now) {
  return (
    before.state !== now.state ||
    before.since !== now.since ||
    before.readiness !== now.readiness ||
    before.action !== now.action ||
    before.error !== now.error ||
    before.source !== now.source ||
    before.drift.length !== now.drift.length ||
    before.drift.some(({ field, word }, at) => field !== now.drift[at]?.field || word !== now.drift[at]?.word)
  );
}

/** @param {Row} a @param {Row} b */
function byAddress(a, b) {
  return a.resource.address < b.resource.address ? -1 : 1;
}

/** All objects. */
export class Board {
  /** @type {Status | undefined} */
  status;
  /** The newest first. @type {Moment[]} */
  moments = [];
  /** How many moments there were so far: tells which of them are new. */
  told = 0;
  /** The kinds that occur, in order. @type {string[]} */
  kinds = [];
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** By address. @type {Row[]} */
  #sorted = [];

  /** How many objects there are. */
  get size() {
    return this.#sorted.length;
  }

  /**
   * The object with this address.
   * @param {string} address
   * @returns {Resource | undefined}
   */
  find(address) {
    return this.#rows.get(address)?.resource;
  }

  /**
   * Takes in a delta, and returns the addresses of what stands in another way than before. At first that is nothing:
   * who sees something for the first time has seen no change.
   * @param {Delta} delta
   * @returns {Set<string>}
   */
  take(delta) {
    const first = !this.status;
    const known = this.#rows;
    /** @type {Set<string>} */
    const changed = new Set();
    let resort = delta.whole || delta.gone.length > 0;
    if (delta.whole) this.#rows = new Map();
    for (const address of delta.gone) this.#rows.delete(address);
    for (const resource of delta.resources) {
      const before = known.get(resource.address);
      if (!before) resort = true;
      if (!first && (!before || moved(before.resource, resource))) changed.add(resource.address);
      if (before) this.#rows.set(resource.address, Object.assign(before, row(resource)));
      else this.#rows.set(resource.address, row(resource));
    }
    if (resort) this.#sort();
    if (delta.whole) this.moments = [];
    for (const moment of delta.moments) this.moments.unshift(moment);
    this.moments.length = Math.min(this.moments.length, KEPT_MOMENTS);
    this.told += delta.moments.length;
    this.status = delta.status;
    return changed;
  }

  #sort() {
    this.#sorted = [...this.#rows.values()];
    const isSorted = this.#sorted.every((row, at) => at === 0 || byAddress(/** @type {Row} */ (this.#sorted[at - 1]), row) < 0);
    if (!isSorted) this.#sorted.sort(byAddress);
    this.kinds = [...new Set(this.#sorted.map(({ resource }) => resource.kind))].sort();
  }

  /**
   * What a route lets through, in its order. Every word of the query must occur.
   * @param {Route} route
   * @returns {Row[]}
   */
  select(route) {
    const words = route.query.toLowerCase().split(/\s+/).filter(Boolean);
    const { states, kind } = route;
    const shown = this.#sorted.filter(
      ({ resource, text }) =>
        (!states.size || states.has(resource.state)) &&
        (!kind || resource.kind === kind) &&
        words.every((word) => text.includes(word)),
    );
    if (route.order === 'since') return shown.sort((a, b) => b.since - a.since);
    if (route.order === 'address') return shown;
    /** @type {Row[][]} */
    const ranks = STATES.map(() => []);
    for (const row of shown) ranks[row.rank]?.push(row);
    return ranks.flat();
  }
}
