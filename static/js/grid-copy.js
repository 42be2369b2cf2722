// Copies cells of a grid as tab-separated text: the database's own values, not
// the grouped or shortened form on the screen.
import { copyText } from 'dribble/dom.js';
import { toast } from 'dribble/toasts.js';

const MOST_CELLS = 200_000;
const MOST_CUT = 100; // long values fetched one by one

const value = (cell) => (cell.classList.contains('is-null') ? '' : cell.dataset.v ?? cell.textContent);
const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function join(rows) {
  if (rows.length === 1 && rows[0].length === 1) return rows[0][0];
  return rows.map((values) => values.map(quoted).join('\t')).join('\n');
}

export class Copier {
  constructor(grid) { this.grid = grid; }

  // Copies a range, {top, left, bottom, right}, under the names of its columns if given.
  async copy(range, names) {
    const rows = range.bottom - range.top + 1;
    if (rows * (range.right - range.left + 1) > MOST_CELLS) {
      toast(`${rows.toLocaleString('en-US')} rows are too many to copy at once. Select fewer cells, or use Export.`, 'warn');
      return;
    }
    try {
      const text = this.held(range, names) ?? await this.fetched(range, names);
      if (!copyText(text)) toast('The rows are here now. Copy once more.', 'info');
    } catch {
      toast('These rows could not be read, so nothing was copied. Try again.', 'error');
    }
  }

  // The text, when every cell of it is in the page; else null.
  held(range, names) {
    const rows = names ? [names] : [];
    for (let row = range.top; row <= range.bottom; row++) {
      const cells = this.grid.rows.row(row)?.slice(range.left + 1, range.right + 2);
      if (!cells || cells.some((cell) => cell.hasAttribute('data-cut'))) return null;
      rows.push(cells.map(value));
    }
    return join(rows);
  }

  async fetched(range, names) {
    const rows = names ? [names] : [];
    const cut = [];
    for (let row = range.top; row <= range.bottom; row++) {
      const cells = (this.grid.rows.row(row) ?? await this.grid.rows.fetched(row)).slice(range.left + 1, range.right + 2);
      const values = cells.map(value);
      rows.push(values);
      cells.forEach((cell, at) => { if (cell.hasAttribute('data-cut')) cut.push({ values, at, row }); });
    }
    if (cut.length > MOST_CUT) toast(`${cut.length} long values were copied in their short form. Export has them whole.`, 'warn');
    else for (const { values, at, row } of cut) values[at] = await this.grid.wholeValue(row, range.left + at);
    return join(rows);
  }

  // Answers the copy event of the grid.
  event(event, range) {
    if (!getSelection().isCollapsed) return;
    const text = this.held(range);
    event.preventDefault();
    if (text === null) setTimeout(() => this.copy(range));
    else event.clipboardData.setData('text/plain', text);
  }
}
