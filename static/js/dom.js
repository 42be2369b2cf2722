// Small helpers every behaviour shares.

// Handles an event on any element, present or future, that matches a selector.
export function on(types, selector, act, capture = false) {
  for (const type of types.split(' ')) {
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.(selector);
      if (found) act(found, event);
    }, capture);
  }
}

// Acts now and after each swap.
export function settled(act) {
  document.addEventListener('htmx:after:settle', act);
  act();
}

// Posts an object as JSON, or a form body as it is; outlives the page.
export function post(url, body) {
  if (body instanceof URLSearchParams) return fetch(url, { method: 'POST', body, keepalive: `${body}`.length < 60_000 });
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' }, keepalive: true });
}

// The element a key leads to in a list with arrows (and Home and End), if any.
export function neighbour(list, from, key, back, forth) {
  const at = list.indexOf(from);
  if (key === back) return list.at(at <= 0 ? -1 : at - 1);
  if (key === forth) return list[(at + 1) % list.length];
  return { Home: list[0], End: list.at(-1) }[key];
}

// A plain click: not one that asks for a new tab or window.
export const plain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

// Follows the pointer until it is let go.
export function drag(moved, ended) {
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    ended?.();
  };
  const acts = { pointermove: moved, pointerup: end, pointercancel: end };
  for (const type of Object.keys(acts)) addEventListener(type, acts[type], { signal: stop.signal });
}

// Puts text on the clipboard through the copy event, which also works where the
// page is not a secure context. Reports whether the browser let it.
export function copyText(text) {
  const stop = new AbortController();
  const write = (event) => {
    event.preventDefault(); // of beforecopy: Chromium's way to copy without a selection
    if (event.type === 'copy') event.clipboardData.setData('text/plain', text);
    event.stopImmediatePropagation();
  };
  for (const type of ['beforecopy', 'copy']) document.addEventListener(type, write, { capture: true, signal: stop.signal });
  const done = document.execCommand('copy');
  stop.abort();
  return done;
}
