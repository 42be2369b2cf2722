// The active cell of a grid and the rectangle selected with it.

export class Selection {
  row = -1;
  column = 0;
  anchorRow = -1;
  anchorColumn = 0;

  get empty() { return this.row < 0; }
  get single() { return this.row === this.anchorRow && this.column === this.anchorColumn; }

  get range() {
    const [top, bottom] = [this.row, this.anchorRow].sort((a, b) => a - b);
    const [left, right] = [this.column, this.anchorColumn].sort((a, b) => a - b);
    return { top, left, bottom, right };
  }

  set(row, column, extend = false) {
    if (!extend || this.empty) Object.assign(this, { anchorRow: row, anchorColumn: column });
    Object.assign(this, { row, column });
  }

  setRange(row, column, anchorRow, anchorColumn) { Object.assign(this, { row, column, anchorRow, anchorColumn }); }

  // Moves by a key in a grid of {rows, columns, page}; false for other keys.
  key({ key, ctrlKey, metaKey, shiftKey }, { rows, columns, page }) {
    const far = ctrlKey || metaKey;
    const { row, column } = this.empty ? { row: 0, column: 0 } : this;
    const to = {
      ArrowUp: [far ? 0 : row - 1, column], ArrowDown: [far ? rows : row + 1, column],
      ArrowLeft: [row, far ? 0 : column - 1], ArrowRight: [row, far ? columns : column + 1],
      PageUp: [row - page, column], PageDown: [row + page, column],
      Home: [far ? 0 : row, 0], End: [far ? rows : row, columns],
    }[key];
    if (to) this.set(Math.max(0, Math.min(rows - 1, to[0])), Math.max(0, Math.min(columns - 1, to[1])), shiftKey);
    return to !== undefined;
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
