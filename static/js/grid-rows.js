// The windows of rows a grid holds: fetched as HTML when they are needed, kept
// as text, and parsed only while they are near the view.

const KEPT = 40; // windows kept as text
const PARSED = 8; // windows kept as elements
const WIDE = 6000; // cells in one window of a wide result
const AGAIN_AFTER = 200; // ms between two fetches of a window that still grows

export class Rows {
  count = 0; // rows the server has
  failed = false; // a fetch failed; nothing is fetched until this is cleared
  held = new Map(); // window → {text, asked: rows it was to have, at}, oldest first
  parsed = new Map(); // window → rows of cells
  flying = new Map(); // window → {abort, pinned, done}
  wanted = new Set(); // windows near the view

  constructor(src, columns, changed) {
    Object.assign(this, { src, changed, limit: columns <= 60 ? 100 : Math.max(10, Math.floor(WIDE / columns)) });
  }

  stop() {
    clearTimeout(this.timer);
    for (const { abort } of this.flying.values()) abort.abort();
  }

  // Takes over the window of rows that the server has rendered into the page.
  seed({ rows, innerHTML: text }) {
    if (rows.length > 0) this.held.set(rows[0].dataset.row / this.limit, { text, asked: rows.length, at: 0 });
  }

  // The cells of a row (number first), or undefined while they are not here.
  row(index) {
    const window = Math.floor(index / this.limit);
    return this.parse(window)?.[index - window * this.limit];
  }

  parse(window) {
    if (!this.parsed.has(window) && this.held.has(window)) {
      const template = document.createElement('template');
      template.innerHTML = this.held.get(window).text;
      this.parsed.set(window, [...template.content.querySelectorAll('tr')].map((row) => [...row.children]));
      if (this.parsed.size > PARSED) this.parsed.delete(this.parsed.keys().next().value);
    }
    return this.parsed.get(window);
  }

  // Says which rows are on the screen or close to it. A window no longer
  // wanted is not waited for; wait (ms) holds fetches back during a jump.
  need(first, last, wait) {
    this.wanted = new Set();
    for (let window = Math.floor(first / this.limit); window * this.limit < last; window++) this.wanted.add(window);
    for (const [window, { abort, pinned }] of this.flying) if (!pinned && !this.wanted.has(window)) abort.abort();
    clearTimeout(this.timer);
    const missing = [...this.wanted].filter((window) => this.stale(window));
    if (missing.length === 0) return;
    const due = missing.map((window) => (this.held.get(window)?.at ?? -AGAIN_AFTER) + AGAIN_AFTER - performance.now());
    const load = () => missing.filter((window) => this.stale(window)).forEach((window) => this.load(window));
    if (Math.max(wait, ...due) > 0) this.timer = setTimeout(load, Math.max(wait, ...due));
    else load();
  }

  expected(window) { return Math.min(this.limit, this.count - window * this.limit); }

  stale(window) {
    return !this.failed && !this.flying.has(window) && this.expected(window) > (this.held.get(window)?.asked ?? 0);
  }

  load(window, pinned = false) {
    const abort = new AbortController();
    const done = this.fetch(window, abort.signal).finally(() => {
      if (this.flying.get(window)?.abort === abort) this.flying.delete(window);
      if (!abort.signal.aborted) this.changed();
    });
    this.flying.set(window, { abort, pinned, done });
    return done;
  }

  async fetch(window, signal) {
    const asked = this.expected(window);
    try {
      const url = `${this.src}&offset=${window * this.limit}&limit=${this.limit}`;
      const answer = await fetch(url, { signal, headers: { 'HX-Request': 'true' } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`rows: status ${answer.status}`);
      if (signal.aborted) return;
      this.parsed.delete(window);
      this.held.delete(window);
      this.held.set(window, { text, asked, at: performance.now() });
      for (const old of this.held.keys()) if (this.held.size > KEPT && !this.wanted.has(old)) this.held.delete(old);
    } catch {
      if (!signal.aborted) this.failed = true;
    }
  }

  // The cells of a row that is not here, or undefined when they cannot be fetched.
  async fetched(index) {
    const window = Math.floor(index / this.limit);
    const flying = this.flying.get(window);
    if (flying) flying.pinned = true;
    await (flying?.done ?? this.load(window, true));
    return this.row(index);
  }
}
