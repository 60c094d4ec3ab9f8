// Requests of a page that stays open: answers as JSON, and a token that is fetched anew after somebody has signed in
// again in another tab.

import { plain } from './language.js';

let token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/**
 * POST to a page of this site. body: FormData, or anything that can be JSON. Returns { ok, status, content }; status 0 when
 * no answer came.
 */
export async function ask(url, body, { keepalive = false, headers = {}, signal } = {}) {
  const first = await send(url, body, { keepalive, headers, signal });
  if (first.status !== 400 || keepalive || !(await refresh())) return first;
  return send(url, body, { keepalive, headers, signal });
}

/** GET something of this site as JSON. Returns { ok, status, content } as `ask` does. */
export async function look(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' } });
    if (answer.redirected) return { ok: false, status: 401, content: {} }; // to the sign-in page
    return { ok: answer.ok, status: answer.status, content: await answer.json() };
  } catch {
    return { ok: false, status: 0, content: {} };
  }
}

async function send(url, body, { keepalive, headers, signal }) {
  const form = body instanceof FormData;
  if (form) body.set('csrf_token', token);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      keepalive,
      signal,
      body: form ? new URLSearchParams(body) : JSON.stringify(body),
      headers: {
        Accept: 'application/json',
        'X-CSRFToken': token,
        ...(form ? {} : { 'Content-Type': 'application/json' }),
        ...headers
      }
    });
    return { ok: answer.ok, status: answer.status, content: await answer.json() };
  } catch {
    return { ok: false, status: 0, content: {} };
  }
}

/** Take over the token of the session there is now; tells whether it is another one. */
async function refresh() {
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const found = page.querySelector('meta[name="csrf-token"]')?.content;
    if (!answer.ok || !found || found === token) return false;
    token = found;
    return true;
  } catch {
    return false;
  }
}

/** What a refusal says, Chinese first, as far as it says both. */
export function refusalOf({ status, content }, words) {
  if (status === 0) return words.lost;
  return plain(content.detail_zh, content.detail ?? content.title);
}
