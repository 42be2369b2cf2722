// Copies cells of a grid as tab-separated text: the database's own values, not
// the grouped or shortened form on the screen. It goes through the copy event,
// which also works where the page is not a secure context.
import { toast } from 'dribble/toasts.js';

const MOST_CELLS = 200_000;
const MOST_CUT = 100; // long values fetched one by one

function value(cell) {
  if (cell.classList.contains('is-null')) return '';
  return cell.dataset.v ?? cell.textContent;
}

function quoted(text) {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Collects rows of cells into text.
class Lines {
  constructor(range, names) {
    this.range = range;
    this.names = names;
    this.rows = [];
    this.cut = []; // values shown shortened: {values, at, row}
  }

  add(cells, row) {
    const shown = cells.slice(this.range.left + 1, this.range.right + 2);
    const values = shown.map(value);
    shown.forEach((cell, at) => {
      if (cell.hasAttribute('data-cut')) this.cut.push({ values, at, row });
    });
    this.rows.push(values);
  }

  text() {
    if (!this.names && this.rows.length === 1 && this.rows[0].length === 1) return this.rows[0][0];
    const all = this.names ? [this.names, ...this.rows] : this.rows;
    return all.map((values) => values.map(quoted).join('\t')).join('\n');
  }
}

export class Copier {
  constructor(grid) {
    this.grid = grid;
    this.ready = null; // text for the copy event to come
  }

  // Copies a range, {top, left, bottom, right}; names of the columns or null.
  async copy(range, names) {
    const rows = range.bottom - range.top + 1;
    if (rows * (range.right - range.left + 1) > MOST_CELLS) {
      toast(`${rows.toLocaleString('en-US')} rows are too many to copy at once. Select fewer cells, or use Export.`, 'warn');
      return;
    }
    try {
      this.ready = this.held(range, names) ?? await this.fetched(range, names);
    } catch {
      toast('These rows could not be read, so nothing was copied. Try again.', 'error');
      return;
    }
    this.grid.table.focus({ preventScroll: true });
    if (!document.execCommand('copy')) toast('The rows are here now. Copy once more.', 'info');
  }

  // The text, when every cell of it is in the page; else null.
  held(range, names) {
    if (!this.grid.rows.has(range.top, range.bottom)) return null;
    const lines = new Lines(range, names);
    for (let row = range.top; row <= range.bottom; row++) lines.add(this.grid.rows.row(row), row);
    return lines.cut.length > 0 ? null : lines.text();
  }

  async fetched(range, names) {
    const lines = new Lines(range, names);
    await this.grid.rows.each(range.top, range.bottom, (cells, row) => lines.add(cells, row));
    if (lines.cut.length > MOST_CUT) {
      toast(`${lines.cut.length} long values were copied in their short form. Export has them whole.`, 'warn');
      return lines.text();
    }
    for (const { values, at, row } of lines.cut) values[at] = await this.grid.wholeValue(row, range.left + at);
    return lines.text();
  }

  // Answers the copy event of the grid.
  event(event, range) {
    if (!getSelection().isCollapsed && this.ready === null) return;
    const text = this.ready ?? this.held(range, null);
    this.ready = null;
    event.preventDefault();
    if (text === null) setTimeout(() => this.copy(range, null));
    else event.clipboardData.setData('text/plain', text);
  }
}
