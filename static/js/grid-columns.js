// Column widths of a grid and which columns are drawn: all of them up to 60,
// above that only those in view.

const NARROWEST = 60;
const WIDEST = 420;
const DRAW_ALL = 60;
const EDGE = 6; // px at a header's right edge that take hold of it

export class Columns {
  constructor(headers, corner) {
    this.headers = headers;
    this.corner = corner;
    this.widths = headers.map((header) => Number(header.dataset.width) || 0);
    this.chosen = this.widths.map((width) => width > 0); // by the reader
    this.pen = document.createElement('canvas').getContext('2d');
    this.first = 0;
    this.last = 0;
  }

  get count() { return this.headers.length; }
  get total() { return this.cornerWidth + this.widths.reduce((sum, width) => sum + width, 0); }

  // Widths for the given rows (arrays of cells, row number first), for every
  // column whose width the reader has not chosen.
  fit(rows) {
    this.headers.forEach((header, column) => {
      if (!this.chosen[column]) this.widths[column] = this.natural(column, rows, WIDEST);
    });
  }

  natural(column, rows, widest) {
    const header = this.headers[column];
    this.pen.font = this.font(header);
    let width = this.pen.measureText(`${header.dataset.name} ${header.dataset.type ?? ''}`).width + 52;
    const sample = rows.find((row) => row[column + 1]?.isConnected)?.[column + 1];
    if (sample) this.cellFont = this.font(sample);
    this.pen.font = this.cellFont ?? '12px monospace';
    for (const row of rows) {
      const text = row[column + 1]?.textContent ?? '';
      if (text.length * 5 > width - 22) width = Math.max(width, this.pen.measureText(text.slice(0, 400)).width + 22);
    }
    return Math.round(Math.max(NARROWEST, Math.min(widest, width)));
  }

  font(element) {
    const style = getComputedStyle(element);
    return `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  }

  choose(column, width) {
    this.widths[column] = Math.round(Math.max(NARROWEST, Math.min(2000, width)));
    this.chosen[column] = true;
  }

  left(column) {
    let left = this.cornerWidth;
    for (let i = 0; i < column; i++) left += this.widths[i];
    return left;
  }

  // Finds the columns to draw; reports whether they differ from the last time.
  window(scrollLeft, width) {
    let first = 0;
    let last = this.count;
    this.gap = 0;
    if (this.count > DRAW_ALL) {
      while (first < this.count - 1 && this.gap + this.widths[first] < scrollLeft - 200) this.gap += this.widths[first++];
      let reached = this.gap;
      last = first;
      while (last < this.count && reached < scrollLeft + width + 200) reached += this.widths[last++];
    }
    const moved = first !== this.first || last !== this.last;
    this.first = first;
    this.last = last;
    return moved;
  }

  // Width of the row numbers for a result of so many rows.
  setCorner(rows) {
    this.cornerWidth = rows < 1000 ? 44 : rows < 100_000 ? 60 : 84;
  }

  apply() {
    this.corner.style.width = `${this.cornerWidth}px`;
    for (let i = this.first; i < this.last; i++) this.headers[i].style.width = `${this.widths[i]}px`;
  }

  // The column whose right edge lies under the pointer, or -1.
  edge(event) {
    const header = event.target.closest?.('th');
    const column = this.headers.indexOf(header);
    if (!header) return -1;
    const box = header.getBoundingClientRect();
    if (column >= 0 && box.right - event.clientX <= EDGE) return column;
    return column > 0 && event.clientX - box.left <= EDGE ? column - 1 : -1;
  }
}
