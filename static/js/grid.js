// <sql-grid>: takes over a server-rendered result table and shows only the rows
// in view, whatever their number. The server owns the rows; this element owns
// where the reader is in them.
import { Columns } from 'dribble/grid-columns.js';
import { Copier } from 'dribble/grid-copy.js';
import { Rows } from 'dribble/grid-rows.js';
import { ScrollMap } from 'dribble/grid-scroll.js';
import { Selection, mark } from 'dribble/grid-select.js';
import { saveLayout } from 'dribble/layout.js';

const ROW = 26;
const HEAD = 30;
const TAIL = 3; // skeleton rows below the last one while rows arrive
const AHEAD = 20; // rows fetched beyond the view
const FOLLOW_AFTER = 2000; // ms: a shorter run stays at its first row
const SKELETON_AFTER = 150; // ms
const JUMP_WAIT = 50; // ms without fetching while the thumb is dragged

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

class Grid extends HTMLElement {
  connectedCallback() {
    this.viewport = this.querySelector('.grid-viewport');
    if (!this.viewport) return;
    if (!this.rows) this.take();
    this.listen();
    this.grow(this.rows.count, this.done);
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.resized?.disconnect();
    this.rows?.stop();
    clearTimeout(this.followTimer);
  }

  // Turns the server's table into the live one.
  take() {
    this.table = this.viewport.querySelector('table');
    this.body = this.table.tBodies[0];
    this.headRow = this.table.tHead.rows[0];
    const [corner, ...headers] = this.headRow.cells;
    this.columns = new Columns(headers, corner);
    this.rows = new Rows(this.dataset.src, headers.length, () => this.changed());
    this.rows.seed([...this.body.rows]);
    this.rows.count = Number(this.dataset.rows);
    this.done = this.dataset.done !== 'false';
    this.selection = new Selection();
    this.copier = new Copier(this);
    this.shells = new Map(); // row index → row element on the screen
    this.columns.setCorner(this.rows.count);
    this.fit();
    this.spare = [];
    this.layer = make('div', 'grid-layer');
    this.space = make('div', 'grid-space', this.layer);
    this.table.replaceWith(this.space);
    this.layer.append(this.table);
    this.body.replaceChildren();
    this.scroll = new ScrollMap(this.viewport, this.space);
    this.viewport.removeAttribute('tabindex');
    this.table.tabIndex = 0;
    this.classList.add('is-live');
  }

  fit() {
    const held = [];
    for (let row = 0; row < Math.min(100, this.rows.count); row++) {
      const cells = this.rows.row(row);
      if (cells) held.push(cells);
    }
    this.fitted = held.length > 0;
    this.columns.fit(held);
  }

  listen() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (target, types, handler) => {
      for (const type of types.split(' ')) target.addEventListener(type, handler, { signal });
    };
    on(this.viewport, 'scroll', () => this.scrolled());
    on(this.table, 'keydown', (event) => this.key(event));
    on(this.table, 'focus', () => this.focused());
    on(this.table, 'pointerdown', (event) => this.press(event));
    on(this.table, 'pointermove', (event) => this.hover(event));
    on(this.table, 'dblclick', (event) => this.double(event));
    on(this, 'copy', (event) => {
      if (!this.selection.empty) this.copier.event(event, this.selection.range);
    });
    const results = this.closest('.results');
    if (results) on(results, 'rows', (event) => this.news(event));
    this.resized = new ResizeObserver(() => this.paint());
    this.resized.observe(this.viewport);
    if (!this.done) this.followTimer = setTimeout(() => this.startFollowing(), FOLLOW_AFTER);
  }

  // --- rows ---

  get statement() { return Number(new URL(this.dataset.src, location.href).searchParams.get('statement') ?? 0); }
  get shown() { return this.rows.count + (this.done ? 0 : TAIL); }

  // A named message of the run's stream: this statement has so many rows now.
  news(event) {
    const { statement, rows, done } = JSON.parse(event.detail.data);
    if (statement === this.statement) this.grow(rows, done);
  }

  grow(rows, done) {
    this.rows.count = Math.max(rows, this.rows.count);
    this.done ||= done;
    this.dataset.rows = this.rows.count;
    this.dataset.done = this.done;
    this.columns.setCorner(this.rows.count);
    this.table.setAttribute('aria-rowcount', this.done ? this.rows.count + 1 : -1);
    this.scroll.resize(HEAD + this.shown * ROW);
    if (this.done) this.follow = false;
    if (this.follow) this.scroll.go(this.scroll.maxTop);
    this.paint(true);
  }

  changed() {
    if (!this.isConnected) return;
    if (!this.fitted) this.fit();
    this.paint(true);
  }

  // Shows another order of the rows: 0:asc, 3:desc, or none.
  sort(column) {
    if (!('sortable' in this.dataset) || !this.done) return;
    const header = this.columns.headers[column];
    const next = { none: 'ascending', ascending: 'descending', descending: 'none' }[header.ariaSort ?? 'none'];
    for (const each of this.columns.headers) each.removeAttribute('aria-sort');
    if (next !== 'none') header.setAttribute('aria-sort', next);
    this.rows.reset(next === 'none' ? '' : `&sort=${column}:${next === 'ascending' ? 'asc' : 'desc'}`);
    this.paint(true);
  }

  // --- drawing ---

  paint(fresh = false) {
    const { viewport, scroll, columns } = this;
    const height = viewport.clientHeight;
    if (height === 0) return;
    const sideways = columns.window(viewport.scrollLeft, viewport.clientWidth);
    if (sideways || fresh || !this.headed) this.drawHead();
    this.layer.style.height = `${height}px`;
    const first = Math.floor(scroll.top / ROW);
    const last = Math.min(this.shown, first + Math.ceil((height - HEAD) / ROW) + 1);
    this.body.style.transform = `translateY(${first * ROW - scroll.top}px)`;
    this.rows.need(Math.max(0, first - AHEAD), Math.min(this.rows.count, last + AHEAD), this.jumped ? JUMP_WAIT : 0);
    if (first !== this.first || last !== this.last || sideways || fresh) this.drawRows(first, last);
    this.drawChip();
  }

  drawHead() {
    const { columns } = this;
    this.headed = true;
    this.space.style.width = `${columns.total}px`;
    columns.apply();
    const gap = columns.gap > 0 ? [this.filler('grid-gap', columns.gap)] : [];
    const fill = this.filler('grid-fill');
    this.headRow.replaceChildren(columns.corner, ...gap, ...columns.headers.slice(columns.first, columns.last), fill);
  }

  filler(className, width) {
    const cell = make('td', className);
    cell.setAttribute('role', 'presentation');
    if (width) cell.style.width = `${width}px`;
    return cell;
  }

  drawRows(first, last) {
    this.first = first;
    this.last = last;
    for (const [index, row] of this.shells) {
      if (index >= first && index < last) continue;
      this.shells.delete(index);
      this.spare.push(row);
      row.remove();
    }
    let blank = false;
    for (let index = first; index < last; index++) {
      const row = this.shells.get(index) ?? this.spare.pop() ?? make('tr');
      this.shells.set(index, row);
      blank = !this.fill(row, index) || blank;
      const place = this.body.rows[index - first];
      if (place !== row) this.body.insertBefore(row, place ?? null);
    }
    this.spare.length = Math.min(this.spare.length, 50);
    this.wait(blank);
    this.drawSelection();
  }

  // Puts the cells of a row into its element; false when they are not here yet.
  fill(row, index) {
    const cells = this.rows.row(index);
    const { first, last, gap } = this.columns;
    row.setAttribute('role', 'row');
    row.setAttribute('aria-rowindex', index + 2);
    row.dataset.row = index;
    row.classList.toggle('is-tail', index >= this.rows.count);
    const shown = cells ?? this.blank(index);
    const lead = gap > 0 ? [this.filler('grid-gap')] : [];
    if (row.cells[0] !== shown[0] || row.drawn !== `${first}-${last}-${shown.length}`) {
      row.replaceChildren(shown[0], ...lead, ...shown.slice(first + 1, last + 1), this.filler('grid-fill'));
    }
    row.drawn = `${first}-${last}-${shown.length}`;
    return cells !== undefined || index >= this.rows.count;
  }

  blank(index) {
    const number = make('th', '', index < this.rows.count ? (index + 1).toLocaleString('en-US') : '');
    number.setAttribute('role', 'rowheader');
    const cells = this.columns.headers.map((header) => {
      const cell = make('td', `is-blank k-${header.dataset.kind}`);
      cell.setAttribute('role', 'gridcell');
      return cell;
    });
    return [number, ...cells];
  }

  // Skeleton bars appear only when rows take long enough to be missed.
  wait(blank) {
    if (blank) {
      this.waiting ??= setTimeout(() => this.classList.add('is-waiting'), SKELETON_AFTER);
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.classList.toggle('is-waiting', !this.done);
  }

  drawSelection() {
    const rows = [];
    for (const [index, row] of this.shells) {
      const cells = this.rows.row(index);
      if (cells) rows.push([index, row, cells]);
    }
    const active = mark(this.selection, rows, this.columns, this.id);
    if (active) this.table.setAttribute('aria-activedescendant', active.id);
    else this.table.removeAttribute('aria-activedescendant');
  }

  // --- where the reader is ---

  scrolled() {
    const before = this.scroll.top;
    if (this.scroll.read()) {
      this.touched = true;
      this.follow = !this.done && this.scroll.atEnd;
      this.jumped = Math.abs(this.scroll.top - before) > 2 * this.scroll.view;
    }
    this.paint();
    this.jumped = false;
  }

  startFollowing() {
    if (this.done || this.touched) return;
    this.follow = true;
    this.grow(this.rows.count, false);
  }

  // The chip says what the grid does by itself, and what a click changes.
  drawChip() {
    const overflows = this.scroll.maxTop > 0;
    const text = this.rows.failed ? 'Some rows could not be read. Try again'
      : this.done || !overflows || (!this.follow && !this.touched) ? ''
        : this.follow ? 'Following new rows' : 'Follow new rows';
    if (text === (this.chip?.firstChild?.data ?? '')) return;
    if (!this.chip) {
      this.chip = make('button', 'grid-chip');
      this.chip.type = 'button';
      this.chip.addEventListener('click', () => this.chipPressed());
      this.append(this.chip);
    }
    this.chip.hidden = text === '';
    this.chip.replaceChildren(text, ...(this.follow ? [make('span', 'grid-chip-hint', ' · scroll to pause')] : []));
  }

  chipPressed() {
    if (this.rows.failed) this.rows.failed = false;
    else {
      this.follow = !this.follow;
      this.touched = true;
    }
    if (this.follow) this.scroll.go(this.scroll.maxTop);
    this.paint(true);
  }

  // Makes a row (from 0) the active one and brings it into the middle.
  goToRow(row) {
    const index = Math.max(0, Math.min(this.rows.count - 1, row));
    this.select(index, this.selection.column);
    this.touched = true;
    this.scroll.go(index * ROW - (this.scroll.view - HEAD) / 2 + ROW / 2);
    this.paint(true);
  }

  select(row, column, extend = false) {
    this.selection.set(row, column, extend);
    this.drawSelection();
  }

  // Scrolls just far enough to show the active cell.
  reveal() {
    const { scroll, columns, viewport, selection } = this;
    const top = selection.row * ROW;
    const room = scroll.view - HEAD - ROW;
    if (top < scroll.top) scroll.go(top);
    else if (top > scroll.top + room) scroll.go(top - room);
    this.follow &&= scroll.atEnd;
    this.touched = true;
    const left = columns.left(selection.column);
    const right = left + columns.widths[selection.column];
    if (left < viewport.scrollLeft + columns.cornerWidth) viewport.scrollLeft = left - columns.cornerWidth;
    else if (right > viewport.scrollLeft + viewport.clientWidth) viewport.scrollLeft = right - viewport.clientWidth;
    this.paint(true);
  }

  // --- keyboard ---

  focused() {
    if (this.selection.empty && this.rows.count > 0 && !this.pressed) {
      this.select(Math.ceil(this.scroll.top / ROW), this.columns.first);
    }
  }

  key(event) {
    if (this.rows.count === 0) return;
    const far = event.ctrlKey || event.metaKey;
    const name = event.key.toLowerCase();
    const column = this.selection.column;
    if (event.altKey && event.shiftKey && name.startsWith('arrow')) {
      if (name === 'arrowup' || name === 'arrowdown') this.sort(column);
      else this.width(column, this.columns.widths[column] + (name === 'arrowleft' ? -16 : 16), true);
    } else if (far && name === 'a') {
      this.selectAll();
    } else if (far && event.shiftKey && name === 'c') {
      const { left, right } = this.selection.range;
      this.copier.copy(this.selection.range, this.names(left, right));
    } else if (event.key === 'Enter' && !far) {
      this.openValue();
    } else if (event.key === 'Escape' && !this.selection.single) {
      this.select(this.selection.row, column);
      event.stopPropagation();
    } else if (!event.altKey && this.selection.key(event, this.size)) {
      this.reveal();
    } else {
      return;
    }
    event.preventDefault();
  }

  get size() {
    const page = Math.max(1, Math.floor((this.scroll.view - HEAD) / ROW) - 1);
    return { rows: this.rows.count, columns: this.columns.count, page };
  }

  names(left, right) {
    return this.columns.headers.slice(left, right + 1).map((header) => header.dataset.name);
  }

  selectAll() {
    this.selection.setRange(0, 0, this.rows.count - 1, this.columns.count - 1);
    this.drawSelection();
  }

  // Copies what is selected; without a range, all rows under their names.
  copyShown() {
    if (!this.selection.empty && !this.selection.single) {
      this.copier.copy(this.selection.range, null);
      return;
    }
    const range = { top: 0, left: 0, bottom: this.rows.count - 1, right: this.columns.count - 1 };
    this.copier.copy(range, this.names(0, range.right));
  }

  cellURL(row, column) {
    const url = new URL(this.dataset.src + this.rows.query, location.href);
    url.pathname = url.pathname.replace(/\/rows$/, '/cell');
    url.searchParams.set('row', row);
    url.searchParams.set('col', column);
    return url.pathname + url.search;
  }

  openValue() {
    if (this.selection.empty) return;
    const url = this.cellURL(this.selection.row, this.selection.column);
    globalThis.htmx?.ajax('GET', url, { source: this, target: '#dialog', swap: 'innerHTML' });
  }

  async wholeValue(row, column) {
    const answer = await fetch(`${this.cellURL(row, column)}&raw=1`);
    if (!answer.ok) throw new Error(`cell: status ${answer.status}`);
    return answer.text();
  }

  // --- pointer ---

  hover(event) {
    if (event.buttons !== 0) return;
    const edge = event.target.closest('thead') ? this.columns.edge(event) : -1;
    this.edged?.classList.remove('is-edge');
    this.edged = edge < 0 ? null : event.target.closest('th');
    this.edged?.classList.add('is-edge');
  }

  press(event) {
    if (event.button !== 0) return;
    this.pressed = true;
    setTimeout(() => { this.pressed = false; });
    if (event.target.closest('thead')) {
      this.pressHead(event);
      return;
    }
    const at = this.cellAt(event);
    if (!at || event.pointerType === 'touch') return;
    this.touched = true;
    if (at.column < 0) {
      const anchor = event.shiftKey && !this.selection.empty ? this.selection.anchorRow : at.row;
      this.selection.setRange(at.row, 0, anchor, this.columns.count - 1);
      this.drawSelection();
      return;
    }
    this.select(at.row, at.column, event.shiftKey);
    this.drag(event, (move) => this.extend(move));
  }

  // The row and column of a cell element; column -1 is the row number.
  cellAt(event) {
    const cell = event.target.closest('td, th');
    const index = Number(cell?.parentElement.dataset.row);
    const column = this.rows.row(index)?.indexOf(cell) - 1;
    return Number.isNaN(column) || column < -1 ? null : { row: index, column };
  }

  drag(event, moved, ended) {
    const stop = new AbortController();
    const { signal } = stop;
    this.table.setPointerCapture(event.pointerId);
    this.table.addEventListener('pointermove', moved, { signal });
    for (const type of ['pointerup', 'pointercancel']) {
      this.table.addEventListener(type, () => {
        stop.abort();
        ended?.();
      }, { signal });
    }
  }

  // Extends the selection to the pointer; beyond an edge the grid moves on.
  extend(event) {
    const box = this.viewport.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - HEAD + this.scroll.top) / ROW);
    const x = event.clientX - box.left + this.viewport.scrollLeft;
    let column = 0;
    while (column < this.columns.count - 1 && this.columns.left(column + 1) < x) column++;
    const last = this.rows.count - 1;
    this.select(Math.max(0, Math.min(last, row)), column, true);
    if (event.clientY < box.top + HEAD || event.clientY > box.bottom || event.clientX < box.left || event.clientX > box.right) this.reveal();
  }

  pressHead(event) {
    const edge = this.columns.edge(event);
    const column = this.columns.headers.indexOf(event.target.closest('th'));
    if (edge >= 0) {
      event.preventDefault();
      const from = this.columns.widths[edge] - event.clientX;
      this.classList.add('is-resizing');
      this.drag(event, (move) => this.width(edge, from + move.clientX), () => {
        this.classList.remove('is-resizing');
        this.keepWidth(edge);
      });
    } else if (column < 0) {
      if (this.rows.count > 0) this.selectAll();
    } else if ('sortable' in this.dataset) {
      this.sort(column);
    } else if (this.rows.count > 0) {
      this.selection.setRange(0, column, this.rows.count - 1, column);
      this.drawSelection();
    }
  }

  width(column, px, keep = false) {
    this.columns.choose(column, px);
    this.paint(true);
    if (keep) this.keepWidth(column);
  }

  keepWidth(column) {
    const query = this.closest('.panel')?.dataset.tab;
    const { name } = this.columns.headers[column].dataset;
    if (query) saveLayout({ columns: { [query]: { [name]: this.columns.widths[column] } } });
  }

  double(event) {
    const edge = event.target.closest('thead') ? this.columns.edge(event) : -1;
    if (edge < 0) {
      if (this.cellAt(event)?.column >= 0) this.openValue();
      return;
    }
    const rows = [...this.rows.windows.keys()].flatMap((number) => this.rows.parse(number));
    this.width(edge, this.columns.natural(edge, rows, 2000), true);
  }
}

customElements.define('sql-grid', Grid);
