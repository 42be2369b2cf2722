// The windows of rows a grid holds: fetched as HTML when they are needed, kept
// as text, and parsed only while they are near the view.

const KEPT = 40; // windows kept as text
const PARSED = 6; // windows kept as elements
const CELLS = 6000; // cells in one window of a wide result
const AGAIN_AFTER = 200; // ms between two fetches of a window that still grows

export class Rows {
  constructor(src, columns, changed) {
    this.src = src;
    this.changed = changed;
    this.limit = columns <= 60 ? 100 : Math.max(10, Math.floor(CELLS / columns));
    this.count = 0;
    this.reset('');
  }

  // Forgets everything, for another order of the same rows.
  reset(query) {
    this.stop();
    this.query = query;
    this.windows = new Map(); // number → {text, rows, asked, at}, oldest first
    this.flying = new Map(); // number → {abort, done}
    this.failed = false;
  }

  stop() {
    for (const { abort } of this.flying?.values() ?? []) abort.abort();
    clearTimeout(this.timer);
  }

  // Takes over rows the server has rendered into the page, from row 0 on.
  seed(elements) {
    for (let at = 0; at < elements.length; at += this.limit) {
      const rows = elements.slice(at, at + this.limit).map((row) => [...row.children]);
      this.windows.set(at / this.limit, { rows, asked: rows.length, at: 0 });
    }
  }

  // The cells of a row (number first), or undefined while they are not here.
  row(index) {
    const number = Math.floor(index / this.limit);
    return this.parse(number)?.[index - number * this.limit];
  }

  parse(number) {
    const found = this.windows.get(number);
    if (!found) return undefined;
    if (!found.rows) {
      const template = document.createElement('template');
      template.innerHTML = found.text;
      found.rows = [...template.content.querySelectorAll('tr')].map((row) => [...row.children]);
      this.trim();
    }
    return found.rows;
  }

  trim() {
    const parsed = [...this.windows.values()].filter((one) => one.rows && one.text && !this.near.has(one));
    for (const one of parsed.slice(0, Math.max(0, parsed.length - PARSED))) one.rows = undefined;
    for (const number of this.windows.keys()) {
      if (this.windows.size <= KEPT) break;
      if (!this.wanted.has(number)) this.windows.delete(number);
    }
  }

  get near() { return new Set([...this.wanted].map((number) => this.windows.get(number))); }

  // Says which rows are on the screen or close to it. A window no longer
  // wanted is not waited for; wait (ms) holds new fetches back during a jump.
  need(first, last, wait) {
    this.wanted = new Set();
    for (let number = Math.floor(first / this.limit); number * this.limit < last; number++) this.wanted.add(number);
    for (const [number, { abort, pinned }] of this.flying) {
      if (!pinned && !this.wanted.has(number)) abort.abort();
    }
    clearTimeout(this.timer);
    const missing = [...this.wanted].filter((number) => this.stale(number));
    if (missing.length === 0) return;
    const due = Math.max(wait, ...missing.map((number) => this.pause(number)));
    if (due > 0) this.timer = setTimeout(() => this.fetchAll(), due);
    else this.fetchAll();
  }

  wanted = new Set();

  fetchAll() {
    for (const number of this.wanted) if (this.stale(number)) this.load(number);
  }

  expected(number) { return Math.min(this.limit, this.count - number * this.limit); }

  stale(number) {
    const held = this.windows.get(number);
    if (this.flying.has(number) || this.failed) return false;
    return this.expected(number) > (held ? held.asked : 0);
  }

  pause(number) {
    const held = this.windows.get(number);
    return held ? Math.max(0, held.at + AGAIN_AFTER - performance.now()) : 0;
  }

  load(number, pinned = false) {
    const abort = new AbortController();
    const done = this.fetch(number, abort.signal).finally(() => {
      if (this.flying.get(number)?.abort === abort) this.flying.delete(number);
      if (!abort.signal.aborted) this.changed();
    });
    this.flying.set(number, { abort, done, pinned });
    return done;
  }

  async fetch(number, signal) {
    const asked = this.expected(number);
    const url = `${this.src}${this.query}&offset=${number * this.limit}&limit=${this.limit}`;
    try {
      const answer = await fetch(url, { signal, headers: { 'HX-Request': 'true' } });
      if (!answer.ok) throw new Error(`rows: status ${answer.status}`);
      const text = await answer.text();
      if (signal.aborted) return;
      this.windows.delete(number);
      this.windows.set(number, { text, asked, at: performance.now() });
      this.trim();
    } catch {
      if (!signal.aborted) this.failed = true;
    }
  }

  has(first, last) {
    for (let number = Math.floor(first / this.limit); number * this.limit <= last; number++) {
      if (!this.windows.has(number) || this.stale(number)) return false;
    }
    return true;
  }

  // Calls visit with the cells of every row from first to last, in order,
  // fetching what is not here; rejects when a window cannot be fetched.
  async each(first, last, visit) {
    for (let index = first; index <= last; index++) {
      const number = Math.floor(index / this.limit);
      if (!this.windows.has(number) || this.stale(number)) {
        const flying = this.flying.get(number);
        if (flying) flying.pinned = true;
        await (flying?.done ?? this.load(number, true));
      }
      const cells = this.row(index);
      if (!cells) throw new Error('rows: not there');
      visit(cells, index);
    }
  }
}
