// What is asked of the server, with the token if it wants one. The token is kept for this tab and this session alone.

const KEY = 'token';

/** The server wants a token, or another one. */
export class Locked extends Error {}

/** The server has no such thing. */
export class Missing extends Error {}

/** The token that somebody gave, or nothing. */
export function token() {
  return sessionStorage.getItem(KEY) ?? '';
}

/**
 * Keeps a token for the session of this tab.
 * @param {string} given
 */
export function keep(given) {
  sessionStorage.setItem(KEY, given);
}

/**
 * Asks for something below `/api/v1`.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<Response>}
 */
export async function ask(path, signal) {
  const held = token();
  const headers = held ? { authorization: `Bearer ${held}` } : undefined;
  const response = await fetch(`api/v1/${path}`, { headers, signal, cache: 'no-store' });
  if (response.ok) return response;
  if (response.status === 401) throw new Locked('a token is needed');
  const problem = await response.json().catch(() => ({}));
  const told = typeof problem.error === 'string' ? problem.error : `the server answered ${response.status}`;
  throw response.status === 404 ? new Missing(told) : new Error(told);
}
