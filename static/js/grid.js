// <sql-grid>: takes over a server-rendered result table and shows only the rows
// in view, whatever their number. The server owns the rows; this element owns
// where the reader is in them.
import { make } from 'dribble/dom.js';
import { Columns } from 'dribble/grid-columns.js';
import { copyRange } from 'dribble/grid-copy.js';
import { listen } from 'dribble/grid-input.js';
import { Rows } from 'dribble/grid-rows.js';
import { HEAD, ROW, ScrollMap } from 'dribble/grid-scroll.js';
import { Selection } from 'dribble/grid-select.js';
import { saveLayout } from 'dribble/layout.js';

const TAIL = 3; // skeleton rows below the last one while rows arrive
const AHEAD = 20; // rows fetched beyond the view
const FOLLOW_AFTER = 2000; // ms: a shorter run stays at its first row
const JUMP_WAIT = 50; // ms without fetching while the thumb is dragged

class Grid extends HTMLElement {
  connectedCallback() {
    this.viewport = this.querySelector('.grid-viewport');
    if (!this.viewport) return;
    if (!this.rows) this.take();
    this.stop = new AbortController();
    listen(this, this.stop.signal);
    this.resized = new ResizeObserver(() => this.paint());
    this.resized.observe(this.viewport);
    if (!this.done) this.followTimer = setTimeout(() => this.startFollowing(), FOLLOW_AFTER);
    this.grow(this.rows.count, this.done);
  }

  disconnectedCallback() {
    this.stop?.abort();
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
    this.ask('');
    this.rows.seed(this.body);
    this.done = this.dataset.done !== 'false';
    this.statement = Number(new URL(this.dataset.src, location.href).searchParams.get('statement'));
    this.selection = new Selection();
    this.shells = new Map(); // row index → row element on the screen
    this.fit();
    this.layer = make('div', 'grid-layer');
    this.space = make('div', 'grid-space', this.layer);
    this.table.replaceWith(this.space);
    this.layer.append(this.table);
    this.body.replaceChildren();
    this.scroll = new ScrollMap(this.viewport, this.space);
    this.viewport.removeAttribute('tabindex');
    this.table.tabIndex = 0;
    this.chip = Object.assign(make('button', 'grid-chip'), { type: 'button', onclick: () => this.chipPressed() });
    this.classList.add('is-live');
  }

  // Starts anew with the rows in an order: "" as they came, or "&sort=3:desc".
  ask(query) {
    this.rows?.stop();
    this.rows = new Rows(this.dataset.src + query, this.columns.count, () => this.changed());
    this.rows.count = Number(this.dataset.rows);
  }

  fit() {
    const rows = Array.from({ length: Math.min(100, this.rows.count) }, (_, row) => this.rows.row(row)).filter(Boolean);
    this.fitted = rows.length > 0;
    this.columns.fit(rows);
  }

  // --- rows ---

  // The run's stream says how many rows a statement has now.
  news({ statement, rows, done }) { if (statement === this.statement) this.grow(rows, done); }

  grow(rows, done) {
    this.rows.count = this.dataset.rows = Math.max(rows, this.rows.count);
    this.done = this.dataset.done = this.done || done;
    this.table.setAttribute('aria-rowcount', this.done ? rows + 1 : -1);
    this.scroll.resize(HEAD + this.shown * ROW);
    if (this.follow) this.scroll.go(Infinity);
    if (this.done) this.follow = false;
    this.paint(true);
  }

  get shown() { return this.rows.count + (this.done ? 0 : TAIL); }

  changed() {
    if (!this.fitted) this.fit();
    this.paint(true);
  }

  // Shows another order of the rows; without one named, the next of ascending,
  // descending and as they came.
  sort(column, named) {
    const header = this.columns.headers[column];
    if (!('sortable' in this.dataset) || !this.done || !header) return;
    const order = named ?? { ascending: 'descending', descending: null }[header.ariaSort] ?? (header.ariaSort ? null : 'ascending');
    for (const each of this.columns.headers) each.ariaSort = each === header ? order : null;
    this.ask(order ? `&sort=${column}:${order === 'ascending' ? 'asc' : 'desc'}` : '');
    this.paint(true);
  }

  // --- drawing ---

  // Draws what the position asks for; fresh also when it has not changed.
  paint(fresh = false, wait = 0) {
    const { viewport, scroll, columns } = this;
    const height = viewport.clientHeight;
    if (height === 0) return;
    const changed = columns.window(viewport.scrollLeft, viewport.clientWidth) || fresh;
    if (changed) this.drawHead();
    this.layer.style.height = `${height}px`;
    const first = Math.floor(scroll.top / ROW);
    const last = Math.min(this.shown, first + Math.ceil((height - HEAD) / ROW) + 1);
    this.body.style.transform = `translateY(${first * ROW - scroll.top}px)`;
    this.rows.need(Math.max(0, first - AHEAD), Math.min(this.rows.count, last + AHEAD), wait);
    if (changed || first !== this.first || last !== this.last) this.drawRows(first, last);
    this.drawChip();
  }

  drawHead() {
    const { columns } = this;
    columns.apply(this.rows.count);
    this.space.style.width = `${columns.total}px`;
    this.headRow.replaceChildren(...this.across([columns.corner, ...columns.headers]));
    const gap = this.headRow.querySelector('.grid-gap');
    if (gap) gap.style.width = `${columns.gap}px`;
  }

  // The cells of a row that are drawn, with fillers for the rest.
  across(cells) {
    const { first, last, gap } = this.columns;
    const filler = (name) => Object.assign(make('td', name), { role: 'presentation' });
    return [cells[0], ...(gap > 0 ? [filler('grid-gap')] : []), ...cells.slice(first + 1, last + 1), filler('grid-fill')];
  }

  drawRows(first, last) {
    Object.assign(this, { first, last });
    for (const [index, row] of this.shells) {
      if (index >= first && index < last) continue;
      this.shells.delete(index);
      row.remove();
    }
    for (let index = first; index < last; index++) {
      const row = this.shells.get(index) ?? make('tr', '');
      this.shells.set(index, row);
      this.fill(row, index);
      if (this.body.rows[index - first] !== row) this.body.insertBefore(row, this.body.rows[index - first] ?? null);
    }
    this.drawSelection();
  }

  fill(row, index) {
    const cells = this.rows.row(index);
    const tail = index >= this.rows.count;
    const drawn = `${this.columns.first} ${this.columns.last} ${cells ? '' : `blank ${tail}`}`;
    Object.assign(row, { role: 'row', ariaRowIndex: index + 2, ariaHidden: tail || null }); // skeletons say nothing
    row.dataset.row = index;
    row.classList.toggle('is-tail', tail);
    if (row.drawn !== drawn || (cells && row.cells[0] !== cells[0])) row.replaceChildren(...this.across(cells ?? this.blank(index)));
    row.drawn = drawn;
  }

  blank(index) {
    const cell = ({ dataset }) => Object.assign(make('td', `is-blank k-${dataset.kind}`), { role: 'gridcell' });
    const number = make('th', '', index < this.rows.count ? (index + 1).toLocaleString('en-US') : '');
    return [Object.assign(number, { role: 'rowheader' }), ...this.columns.headers.map(cell)];
  }

  drawSelection() {
    this.table.removeAttribute('aria-activedescendant');
    for (const [index, row] of this.shells) {
      const cells = this.rows.row(index);
      const active = cells && this.selection.mark(row, index, cells, this.columns);
      if (!active) continue;
      active.id = `${this.id}-active`;
      this.table.setAttribute('aria-activedescendant', active.id);
    }
  }

  // --- where the reader is ---

  scrolled() {
    const before = this.scroll.top;
    if (this.scroll.read()) this.follow = !this.done && this.scroll.atEnd;
    this.paint(false, Math.abs(this.scroll.top - before) > 2 * this.scroll.view ? JUMP_WAIT : 0);
  }

  startFollowing() {
    this.follow ??= !this.done;
    this.grow(this.rows.count, this.done);
  }

  // The chip says what the grid does by itself, and what a click changes.
  drawChip() {
    const streams = !this.done && this.scroll.maxTop > 0 && this.follow !== undefined;
    const text = this.rows.failed ? 'Some rows could not be read. Try again' : this.follow ? 'Following new rows' : 'Follow new rows';
    if (!streams && !this.rows.failed) this.chip.remove();
    else if (!this.chip.isConnected) this.append(this.chip);
    if (this.chip.firstChild?.data === text) return;
    this.chip.replaceChildren(text, ...(this.follow ? [make('span', 'grid-chip-hint', ' · scroll to pause')] : []));
  }

  chipPressed() {
    if (!this.rows.failed) this.follow = !this.follow;
    this.rows.failed = false;
    this.grow(this.rows.count, this.done);
  }

  // Scrolls just far enough to show the active cell.
  reveal() {
    const { scroll, columns, viewport, selection } = this;
    const top = selection.row * ROW;
    scroll.go(Math.min(top, Math.max(scroll.top, top - scroll.view + HEAD + ROW)));
    this.follow = !this.done && scroll.atEnd;
    const left = columns.left(selection.column);
    const right = left + columns.widths[selection.column] - viewport.clientWidth;
    viewport.scrollLeft = Math.min(left - columns.cornerWidth, Math.max(viewport.scrollLeft, right));
    this.paint(true);
  }

  selectAll() {
    this.selection.setRange(0, 0, this.rows.count - 1, this.columns.count - 1);
    this.drawSelection();
  }

  names({ left, right }) { return this.columns.headers.slice(left, right + 1).map(({ dataset }) => dataset.name); }

  // Copies what is selected; without a range, all rows under their names.
  copyShown() {
    const all = { top: 0, left: 0, bottom: this.rows.count - 1, right: this.columns.count - 1 };
    if (this.selection.single) copyRange(this, all, this.names(all));
    else copyRange(this, this.selection.range);
  }

  cellURL(row, column) { return `${this.rows.src.replace('/rows?', '/cell?')}&row=${row}&col=${column}`; }

  openValue() {
    const url = this.cellURL(this.selection.row, this.selection.column);
    if (!this.selection.empty) globalThis.htmx?.ajax('GET', url, { source: this, target: '#dialog', swap: 'innerHTML' });
  }

  async wholeValue(row, column) {
    const answer = await fetch(`${this.cellURL(row, column)}&raw=1`);
    if (!answer.ok) throw new Error(`cell: status ${answer.status}`);
    return answer.text();
  }

  resizeColumn(column, px) {
    this.columns.choose(column, px);
    this.paint(true);
    const query = this.closest('.panel')?.dataset.tab;
    const { name } = this.columns.headers[column].dataset;
    if (query) saveLayout({ columns: { [query]: { [name]: this.columns.widths[column] } } });
  }
}

customElements.define('sql-grid', Grid);
