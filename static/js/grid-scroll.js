// Maps a scroll bar of limited height onto any number of rows. Browsers stop
// drawing somewhere past 17 million pixels, so taller content is scaled: small
// movements count pixel by pixel, big ones (the thumb) in proportion.

const MAX_SPACE = 8_000_000;
const REALIGN_AFTER = 200; // ms without a scroll event

export class ScrollMap {
  constructor(viewport, space) {
    this.viewport = viewport;
    this.space = space;
    this.top = 0; // pixels of content above the view
    this.height = 0; // pixels of content
    this.seen = 0; // scroll position this object knows of
  }

  get view() { return this.viewport.clientHeight; }
  get maxTop() { return Math.max(0, this.height - this.view); }
  get maxScroll() { return Math.max(0, this.spaceHeight - this.view); }
  get spaceHeight() { return Math.min(this.height, MAX_SPACE); }
  get scaled() { return this.height > MAX_SPACE; }
  get atEnd() { return this.top >= this.maxTop - 1; }

  resize(height) {
    if (height === this.height) return;
    this.height = height;
    this.space.style.height = `${this.spaceHeight}px`;
    this.top = Math.min(this.top, this.maxTop);
    if (this.scaled) this.align();
  }

  // Reads a scroll event. Reports whether the reader moved: our own movements
  // are recognised by position, because a flag would swallow real events.
  read() {
    const now = this.viewport.scrollTop;
    const delta = now - this.seen;
    if (delta === 0) return false;
    this.seen = now;
    if (!this.scaled) {
      this.top = now;
      return true;
    }
    if (Math.abs(delta) > 2 * this.view) {
      this.top = (now / this.maxScroll) * this.maxTop;
    } else {
      this.top = Math.max(0, Math.min(this.maxTop, this.top + delta));
      const edge = now <= 0 || now >= this.maxScroll - 1;
      if (edge && this.top > 0 && !this.atEnd) this.align();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.align(), REALIGN_AFTER);
    return true;
  }

  go(top) {
    this.top = Math.max(0, Math.min(this.maxTop, top));
    this.align();
  }

  // Puts the bar where the content is, without moving the content.
  align() {
    clearTimeout(this.timer);
    const share = this.maxTop > 0 ? this.top / this.maxTop : 0;
    this.viewport.scrollTop = this.scaled ? share * this.maxScroll : this.top;
    this.seen = this.viewport.scrollTop;
  }
}
