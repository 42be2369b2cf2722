// The active cell of a grid and the rectangle selected with it.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Selection {
  row = -1;
  column = 0;
  anchorRow = -1;
  anchorColumn = 0;

  get empty() { return this.row < 0; }
  get single() { return this.row === this.anchorRow && this.column === this.anchorColumn; }

  get range() {
    const { row, anchorRow, column, anchorColumn } = this;
    return {
      top: Math.min(row, anchorRow), bottom: Math.max(row, anchorRow),
      left: Math.min(column, anchorColumn), right: Math.max(column, anchorColumn),
    };
  }

  set(row, column, extend = false) {
    if (!extend || this.empty) Object.assign(this, { anchorRow: row, anchorColumn: column });
    Object.assign(this, { row, column });
  }

  setRange(row, column, anchorRow, anchorColumn) { Object.assign(this, { row, column, anchorRow, anchorColumn }); }

  // Moves by a key in a grid of {rows, columns, page}; false for other keys.
  key({ key, ctrlKey, metaKey, shiftKey }, { rows, columns, page }) {
    const far = ctrlKey || metaKey;
    let { row, column } = this.empty ? { row: 0, column: 0 } : this;
    const [down, right] = ARROWS[key] ?? [0, 0];
    if (ARROWS[key]) {
      row += far ? down * rows : down;
      column += far ? right * columns : right;
    } else if (key === 'PageUp' || key === 'PageDown') row += key === 'PageUp' ? -page : page;
    else if (key === 'Home' || key === 'End') {
      column = key === 'Home' ? 0 : columns - 1;
      if (far) row = key === 'Home' ? 0 : rows - 1;
    } else return false;
    this.set(Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column)), shiftKey);
    return true;
  }

  // Draws onto a row on the screen; returns the active cell if it is there.
  mark(row, index, cells, columns) {
    const { top, bottom, left, right } = this.range;
    const inside = !this.empty && !this.single && index >= top && index <= bottom;
    row.classList.toggle('is-current', index === this.row);
    for (let column = columns.first; column < columns.last; column++) {
      const selected = inside && column >= left && column <= right;
      const active = index === this.row && column === this.column;
      cells[column + 1].classList.toggle('is-selected', selected);
      cells[column + 1].classList.toggle('is-active', active);
      cells[column + 1].ariaSelected = selected || active ? 'true' : null;
      cells[column + 1].removeAttribute('id');
    }
    return index === this.row ? row.querySelector('.is-active') : null;
  }
}
