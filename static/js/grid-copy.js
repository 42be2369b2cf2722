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

// Copies a range of a grid, {top, left, bottom, right}, under the names of its columns if given.
export async function copyRange(grid, range, names) {
  const rows = range.bottom - range.top + 1;
  if (rows * (range.right - range.left + 1) > MOST_CELLS) {
    toast(`${rows.toLocaleString('en-US')} rows are too many to copy at once. Select fewer cells, or use Export.`, 'warn');
    return;
  }
  try {
    const text = held(grid, range, names) ?? await fetched(grid, range, names);
    if (!copyText(text)) toast('The rows are here now. Copy once more.', 'info');
  } catch {
    toast('These rows could not be read, so nothing was copied. Try again.', 'error');
  }
}

// The text, when every cell of it is in the page; else null.
function held(grid, range, names) {
  const rows = names ? [names] : [];
  for (let row = range.top; row <= range.bottom; row++) {
    const cells = grid.rows.row(row)?.slice(range.left + 1, range.right + 2);
    if (!cells || cells.some((cell) => cell.hasAttribute('data-cut'))) return null;
    rows.push(cells.map(value));
  }
  return join(rows);
}

async function fetched(grid, range, names) {
  const rows = names ? [names] : [];
  const cut = [];
  for (let row = range.top; row <= range.bottom; row++) {
    const cells = (grid.rows.row(row) ?? await grid.rows.fetched(row)).slice(range.left + 1, range.right + 2);
    const values = cells.map(value);
    rows.push(values);
    cells.forEach((cell, at) => { if (cell.hasAttribute('data-cut')) cut.push({ values, at, row }); });
  }
  if (cut.length > MOST_CUT) toast(`${cut.length} long values were copied in their short form. Export has them whole.`, 'warn');
  else for (const { values, at, row } of cut) values[at] = await grid.wholeValue(row, range.left + at);
  return join(rows);
}

// Answers the copy event of a grid.
export function answerCopy(event, grid, range) {
  if (!getSelection().isCollapsed) return;
  const text = held(grid, range);
  event.preventDefault();
  if (text === null) setTimeout(() => copyRange(grid, range));
  else event.clipboardData.setData('text/plain', text);
}
