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
  const headers = { 'Content-Type': 'application/json' };
  return fetch(url, { method: 'POST', keepalive: true, headers, body: JSON.stringify(body) });
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
  const { signal } = stop;
  const end = () => {
    stop.abort();
    ended?.();
  };
  addEventListener('pointermove', moved, { signal });
  addEventListener('pointerup', end, { signal });
  addEventListener('pointercancel', end, { signal });
}

// Puts text on the clipboard through the copy event, which also works where the
// page is not a secure context. Reports whether the browser let it.
export function copyText(text) {
  const options = { capture: true, once: true };
  const allow = (event) => event.preventDefault(); // Chromium's way to copy without a selection
  const write = (event) => {
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('beforecopy', allow, options);
  document.addEventListener('copy', write, options);
  const done = document.execCommand('copy');
  document.removeEventListener('beforecopy', allow, options);
  document.removeEventListener('copy', write, options);
  return done;
}
