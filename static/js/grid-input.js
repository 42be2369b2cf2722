// Keyboard, pointer and clipboard of a grid.
import { drag } from 'dribble/dom.js';
import { answerCopy, copyRange } from 'dribble/grid-copy.js';
import { HEAD, ROW } from 'dribble/grid-scroll.js';

// Binds a grid's listeners until the signal aborts.
export function listen(grid, signal) {
  const on = (target, type, act) => target?.addEventListener(type, (event) => act(grid, event), { signal });
  on(grid.viewport, 'scroll', () => grid.scrolled());
  on(grid.table, 'keydown', key);
  on(grid.table, 'focus', focused);
  on(grid.table, 'pointerdown', press);
  on(grid.table, 'dblclick', double);
  on(document, 'beforecopy', copy);
  on(document, 'copy', copy);
  on(grid.closest('.results'), 'rows', (_, { detail }) => grid.news(JSON.parse(detail.data)));
}

function copy(grid, event) {
  if (grid.selection.empty || document.activeElement !== grid.table) return;
  if (event.type === 'copy') answerCopy(event, grid, grid.selection.range);
  else event.preventDefault();
}

// Arriving by Tab, the first cell in view becomes the active one.
function focused(grid) {
  if (!grid.selection.empty || grid.rows.count === 0 || grid.matches(':active')) return;
  grid.selection.set(Math.ceil(grid.scroll.top / ROW), grid.columns.first);
  grid.drawSelection();
}

function key(grid, event) {
  const { selection, columns, rows } = grid;
  const far = event.ctrlKey || event.metaKey;
  const name = event.key.toLowerCase();
  const page = Math.max(1, Math.floor((grid.scroll.view - HEAD) / ROW) - 1);
  if (rows.count === 0) return;
  if (event.altKey && event.shiftKey && (name === 'arrowleft' || name === 'arrowright')) {
    grid.resizeColumn(selection.column, columns.widths[selection.column] + (name === 'arrowleft' ? -16 : 16));
  } else if (event.altKey && event.shiftKey && (name === 'arrowup' || name === 'arrowdown')) {
    grid.sort(selection.column, name === 'arrowup' ? 'ascending' : 'descending');
  } else if (far && name === 'a') grid.selectAll();
  else if (far && event.shiftKey && name === 'c') copyRange(grid, selection.range, grid.names(selection.range));
  else if (name === 'enter' && !far) grid.openValue();
  else if (name === 'escape' && !selection.single) {
    selection.set(selection.row, selection.column);
    grid.drawSelection();
  } else if (!event.altKey && selection.key(event, { rows: rows.count, columns: columns.count, page })) grid.reveal();
  else return;
  event.preventDefault();
}

// The row and column under an event; column -1 is the row number.
function cellAt(grid, { target }) {
  const cell = target.closest('tbody td, tbody th');
  const row = Number(cell?.parentElement.dataset.row);
  const column = (grid.rows.row(row)?.indexOf(cell) ?? -1) - 1;
  return column < -1 ? null : { row, column };
}

function press(grid, event) {
  if (event.button !== 0 || event.pointerType === 'touch') return;
  const { selection, rows, columns } = grid;
  const at = cellAt(grid, event);
  if (!at) pressHead(grid, event);
  else if (at.column < 0) {
    const anchor = event.shiftKey && !selection.empty ? selection.anchorRow : at.row;
    selection.setRange(at.row, 0, anchor, columns.count - 1);
  } else {
    selection.set(at.row, at.column, event.shiftKey);
    drag((to) => extend(grid, to));
  }
  if (at) grid.follow = false;
  if (rows.count > 0) grid.drawSelection();
}

// Extends the selection to the pointer; beyond an edge the grid moves on.
function extend(grid, { clientX, clientY }) {
  const { viewport, scroll, columns, selection } = grid;
  const box = viewport.getBoundingClientRect();
  const row = Math.floor((clientY - box.top - HEAD + scroll.top) / ROW);
  let column = 0;
  while (column < columns.count - 1 && columns.left(column + 1) < clientX - box.left + viewport.scrollLeft) column++;
  selection.set(Math.max(0, Math.min(grid.rows.count - 1, row)), column, true);
  grid.drawSelection();
  if (clientY < box.top + HEAD || clientY > box.bottom || clientX < box.left || clientX > box.right) grid.reveal();
}

function pressHead(grid, event) {
  const { columns, rows, selection } = grid;
  const edge = columns.edge(event);
  const column = columns.headers.indexOf(event.target.closest('th'));
  if (edge < 0) {
    if (column < 0) selection.setRange(0, 0, rows.count - 1, columns.count - 1);
    else grid.sort(column);
    return;
  }
  const from = columns.widths[edge] - event.clientX;
  drag((to) => grid.resizeColumn(edge, from + to.clientX));
}

function double(grid, event) {
  const edge = grid.columns.edge(event);
  if (edge >= 0) {
    const rows = [...grid.rows.parsed.values()].flat();
    grid.resizeColumn(edge, grid.columns.natural(edge, rows, 2000));
  } else if (cellAt(grid, event)?.column >= 0) grid.openValue();
}
