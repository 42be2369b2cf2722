// Maps a scroll bar of limited height onto any number of rows. Browsers stop
// drawing somewhere past 17 million pixels, so taller content is scaled: small
// movements count pixel by pixel, big ones (the thumb) in proportion.

export const ROW = 26; // px, as in the stylesheet
export const HEAD = 30;
const MAX_SPACE = 8_000_000;
const REALIGN_AFTER = 200; // ms without a scroll event

export class ScrollMap {
  top = 0; // pixels of content above the view
  height = 0; // pixels of content
  seen = 0; // scroll position this object knows of

  constructor(viewport, space) { Object.assign(this, { viewport, space }); }

  get view() { return this.viewport.clientHeight; }
  get maxTop() { return Math.max(0, this.height - this.view); }
  get maxScroll() { return Math.max(0, Math.min(this.height, MAX_SPACE) - this.view); }
  get scaled() { return this.height > MAX_SPACE; }
  get atEnd() { return this.top >= this.maxTop - 1; }

  resize(height) {
    if (height === this.height) return;
    this.height = height;
    this.space.style.height = `${Math.min(height, MAX_SPACE)}px`;
    if (this.scaled || this.top > this.maxTop) this.align();
  }

  // Reads a scroll event. Reports whether the reader moved: our own movements
  // are recognised by position, because a flag would swallow real events.
  read() {
    const now = this.viewport.scrollTop;
    const delta = now - this.seen;
    if (delta === 0) return false;
    this.seen = now;
    const far = Math.abs(delta) > 2 * this.view;
    if (!this.scaled) this.top = now;
    else if (far) this.top = (now / this.maxScroll) * this.maxTop;
    else this.top = Math.max(0, Math.min(this.maxTop, this.top + delta));
    // At an end of the bar with rows still beyond it, make room at once.
    if (!far && (now <= 0 || now >= this.maxScroll - 1) && this.top > 0 && !this.atEnd) this.go(this.top);
    clearTimeout(this.timer);
    if (this.scaled) this.timer = setTimeout(() => this.align(), REALIGN_AFTER);
    return true;
  }

  // Puts the bar right, unless the reader has moved it and the event is on its way.
  align() { if (this.viewport.scrollTop === this.seen) this.go(this.top); }

  // Shows the content from top, and puts the bar where that is.
  go(top) {
    clearTimeout(this.timer);
    this.top = Math.max(0, Math.min(this.maxTop, top));
    this.viewport.scrollTop = this.scaled ? (this.top / this.maxTop) * this.maxScroll : this.top;
    this.seen = this.viewport.scrollTop;
  }
}
