// The active cell of a grid and the rectangle selected with it.

const ARROWS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
};

export class Selection {
  row = -1;
  column = 0;
  anchorRow = -1;
  anchorColumn = 0;

  get empty() { return this.row < 0; }
  get single() { return this.row === this.anchorRow && this.column === this.anchorColumn; }

  get range() {
    return {
      top: Math.min(this.row, this.anchorRow),
      bottom: Math.max(this.row, this.anchorRow),
      left: Math.min(this.column, this.anchorColumn),
      right: Math.max(this.column, this.anchorColumn),
    };
  }

  set(row, column, extend = false) {
    if (!extend || this.empty) {
      this.anchorRow = row;
      this.anchorColumn = column;
    }
    this.row = row;
    this.column = column;
  }

  setRange(top, left, bottom, right) {
    this.anchorRow = bottom;
    this.anchorColumn = right;
    this.row = top;
    this.column = left;
  }

  // Moves by a key. Size is {rows, columns, page}; reports whether the key
  // was one of ours.
  key(event, size) {
    const lastRow = size.rows - 1;
    const lastColumn = size.columns - 1;
    const far = event.ctrlKey || event.metaKey;
    let { row, column } = this.empty ? { row: 0, column: 0 } : this;
    const arrow = ARROWS[event.key];
    if (arrow && far) {
      if (arrow[0]) row = arrow[0] < 0 ? 0 : lastRow;
      else column = arrow[1] < 0 ? 0 : lastColumn;
    } else if (arrow) {
      row += arrow[0];
      column += arrow[1];
    } else if (event.key === 'PageUp' || event.key === 'PageDown') {
      row += event.key === 'PageUp' ? -size.page : size.page;
    } else if (event.key === 'Home' || event.key === 'End') {
      column = event.key === 'Home' ? 0 : lastColumn;
      if (far) row = event.key === 'Home' ? 0 : lastRow;
    } else {
      return false;
    }
    this.set(Math.max(0, Math.min(lastRow, row)), Math.max(0, Math.min(lastColumn, column)), event.shiftKey);
    return true;
  }
}

// Draws the selection onto the rows on the screen: [index, row element, cells].
export function mark(selection, rows, columns, id) {
  const { top, bottom, left, right } = selection.range;
  let active = null;
  for (const [index, row, cells] of rows) {
    row.classList.toggle('is-current', index === selection.row);
    const inside = !selection.empty && !selection.single && index >= top && index <= bottom;
    for (let column = columns.first; column < columns.last; column++) {
      const cell = cells[column + 1];
      if (!cell) continue;
      const current = index === selection.row && column === selection.column;
      cell.classList.toggle('is-selected', inside && column >= left && column <= right);
      cell.classList.toggle('is-active', current);
      if (current) active = cell;
      else cell.removeAttribute('id');
      cell.toggleAttribute('aria-selected', false);
      if (current || (inside && column >= left && column <= right)) cell.setAttribute('aria-selected', 'true');
    }
  }
  if (active) active.id = `${id}-active`;
  return active;
}
