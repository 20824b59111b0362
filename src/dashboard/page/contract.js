// The words of `/api/v1`, as `view.rs` writes them, and what a person is told for each. Knows no document.

/** @typedef {'failed'|'blocked'|'drifted'|'pending'|'applying'|'kept'|'asDeclared'} State */
/** @typedef {{field: string, word: string}} FieldWord */
/**
 * @typedef {object} Resource
 * @property {string} address
 * @property {string} kind
 * @property {string} name
 * @property {string} id
 * @property {State} state
 * @property {string} [action]
 * @property {string} [readiness]
 * @property {FieldWord[]} drift
 * @property {string} [error]
 * @property {string} since
 * @property {string} [source]
 */
/** @typedef {{at: string, pass: number, address?: string, text: string, tone: 'good'|'bad'|'plain'}} Moment */
/** @typedef {Resource & {diff?: string, explanation?: string, history: Moment[]}} Detail */
/**
 * @typedef {object} Pass
 * @property {number} number
 * @property {string} cause
 * @property {string} startedAt
 * @property {number} elapsedSeconds
 * @property {string} summary
 * @property {number} changed
 * @property {number} applied
 * @property {number} failed
 * @property {number} blocked
 * @property {string} [reason]
 */
/** @typedef {{code: string, severity: string, message: string, place?: string, help?: string}} Diagnosed */
/**
 * @typedef {object} Status
 * @property {string} format
 * @property {string} tool
 * @property {string} run
 * @property {string} profile
 * @property {'apply'|'report'} mode
 * @property {boolean} prune
 * @property {string[]} paths
 * @property {string} startedAt
 * @property {boolean} ready
 * @property {number} [underWay]
 * @property {Pass} [lastPass]
 * @property {number} [serial]
 * @property {Record<State, number>} counts
 * @property {Diagnosed[]} diagnostics
 * @property {number} revision
 */
/** @typedef {{whole: boolean, status: Status, resources: Resource[], gone: string[], moments: Moment[]}} Delta */

/**
 * How an object stands, first what somebody must not miss: the order of the buttons and of the list.
 * @type {{state: State, label: string, means: string}[]}
 */
export const STATES = [
  { state: 'failed', label: 'Failed', means: 'Something failed; it is tried again after a pause' },
  { state: 'blocked', label: 'Blocked', means: 'It cannot be changed; the reasons say what would allow it' },
  { state: 'drifted', label: 'Drifted', means: 'Live moved since it was applied' },
  { state: 'pending', label: 'Pending', means: 'A change is planned' },
  { state: 'applying', label: 'Applying', means: 'A change is being carried out' },
  { state: 'kept', label: 'Kept', means: 'No manifest declares it, and it is kept' },
  { state: 'asDeclared', label: 'As declared', means: 'Live is what the manifests say' },
];

/** @type {Record<State, string>} */
export const LABELS = /** @type {Record<State, string>} */ (
  Object.fromEntries(STATES.map(({ state, label }) => [state, label]))
);

/**
 * What the word on a field says.
 * @type {Record<string, string>}
 */
export const DRIFT = {
  changed: 'the manifest moved; live is what was applied last',
  drifted: 'live moved; the manifest is what was applied last',
  conflict: 'the manifest and live both moved, and differ',
  agreed: 'the manifest and live both moved to the same value',
  unverifiable: 'no read shows this field',
  ignored: 'left alone by lifecycle.ignoreFields',
};

/**
 * What led to a pass.
 * @type {Record<string, string>}
 */
export const CAUSES = { start: 'start', files: 'files changed', resync: 'resync', retry: 'retry' };

/**
 * What a pass came to, without what stands beside it anyway: its number and how long it took.
 * @param {Pass} pass
 */
export function outcome({ number, summary }) {
  return summary.replace(`pass ${number}: `, '').replace(/ \([\d.]+ m?s\)$/, '');
}

/**
 * A number as it is read: 10,000.
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString('en-US');
}

/**
 * `1 resource`, `2 resources`.
 * @param {number} value
 * @param {string} one
 */
export function counted(value, one) {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}
