// Column widths of a grid and which columns are drawn: all of them up to 60,
// above that only those in view.
import { make } from 'dribble/dom.js';

const NARROWEST = 60;
const WIDEST = 420;
const DRAW_ALL = 60;

export class Columns {
  first = 0; // drawn columns: first ≤ column < last
  last = 0;
  gap = 0; // px of columns left out before them

  constructor(headers, corner) {
    Object.assign(this, { headers, corner, pen: document.createElement('canvas').getContext('2d') });
    this.widths = headers.map(({ dataset }) => Number(dataset.width) || 0);
    this.chosen = this.widths.map((width) => width > 0); // by the reader
    for (const header of headers) header.append(make('span', 'grid-edge'));
  }

  get count() { return this.headers.length; }
  get total() { return this.left(this.count); }

  left(column) { return this.widths.slice(0, column).reduce((sum, width) => sum + width, this.cornerWidth); }

  // Widths for the given rows (arrays of cells, row number first), for every
  // column whose width the reader has not chosen.
  fit(rows) {
    this.cellFont = font(this.corner.closest('table'));
    this.headFont = font(this.headers[0] ?? this.corner);
    this.widths = this.widths.map((width, column) => (this.chosen[column] ? width : this.natural(column, rows, WIDEST)));
  }

  natural(column, rows, widest) {
    const { name, type = '' } = this.headers[column].dataset;
    this.pen.font = this.headFont;
    let width = this.pen.measureText(`${name} ${type}`).width + 52;
    this.pen.font = this.cellFont;
    for (const row of rows) width = Math.max(width, this.pen.measureText(row[column + 1]?.textContent.slice(0, 300) ?? '').width + 22);
    return Math.round(Math.max(NARROWEST, Math.min(widest, width)));
  }

  choose(column, width) {
    this.widths[column] = Math.round(Math.max(NARROWEST, Math.min(2000, width)));
    this.chosen[column] = true;
  }

  // Finds the columns to draw; reports whether they differ from the last time.
  window(from, width) {
    const before = `${this.first} ${this.last}`;
    this.first = 0;
    this.last = this.count;
    this.gap = 0;
    if (this.count > DRAW_ALL) {
      while (this.first < this.count - 1 && this.gap + this.widths[this.first] < from - 200) this.gap += this.widths[this.first++];
      this.last = this.first;
      for (let x = this.gap; this.last < this.count && x < from + width + 200; x += this.widths[this.last++]);
    }
    return before !== `${this.first} ${this.last}`;
  }

  // Sets the widths; the row numbers take what so many rows need.
  apply(rows) {
    this.cornerWidth = rows < 1000 ? 44 : rows < 100_000 ? 60 : 84;
    this.corner.style.width = `${this.cornerWidth}px`;
    for (let i = this.first; i < this.last; i++) this.headers[i].style.width = `${this.widths[i]}px`;
  }

  // The column whose right edge was taken hold of, or -1.
  edge({ target }) { return target.matches('.grid-edge') ? this.headers.indexOf(target.parentElement) : -1; }
}

function font(element) {
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  return `${fontWeight} ${fontSize} ${fontFamily}`;
}
