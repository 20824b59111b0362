// Times as a person reads them: how long ago, with the moment itself in the title. They are kept up to date together.

import { element, write } from './dom.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long ago, in one unit. A moment in the near future is a clock that is ahead.
 * @param {number} then
 * @param {number} now
 */
export function ago(then, now) {
  const passed = now - then;
  if (passed < 5 * SECOND) return 'just now';
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  return `${Math.floor(passed / DAY)} d ago`;
}

/**
 * The moment itself, in the reader's zone: `2026-11-21 20:14:03 +01:00`.
 * @param {number} at
 */
export function absolute(at) {
  const date = new Date(at);
  const two = (/** @type {number} */ value) => String(Math.trunc(value)).padStart(2, '0');
  const ahead = -date.getTimezoneOffset();
  const zone = `${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clock(at)} ${zone}`;
}

/**
 * The time of the day: `20:14:03`.
 * @param {number} at
 */
export function clock(at) {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * How long something took.
 * @param {number} seconds
 */
export function lasted(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * An element that tells how long ago this was, from now on.
 * @param {string} at RFC 3339
 */
export function since(at) {
  const shown = element('time');
  tell(shown, at);
  return shown;
}

/**
 * Lets such an element tell another moment.
 * @param {HTMLTimeElement} shown
 * @param {string} at RFC 3339
 */
export function tell(shown, at) {
  if (shown.dateTime === at) return;
  const then = Date.parse(at);
  shown.dateTime = at;
  if (Number.isNaN(then)) {
    write(shown, at);
    return;
  }
  shown.title = absolute(then);
  write(shown, ago(then, Date.now()));
}

/** Brings every such element up to date. */
export function tick() {
  const now = Date.now();
  for (const shown of document.getElementsByTagName('time')) {
    const then = Date.parse(shown.dateTime);
    if (!Number.isNaN(then)) write(shown, ago(then, now));
  }
}
