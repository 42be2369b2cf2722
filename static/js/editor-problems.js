// What the database refused, drawn where it stands: underline, line tint,
// gutter diamond and a popover. Any edit removes it, because it may be mended.
import { RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass, showTooltip } from '@codemirror/view';
import { make } from 'dribble/dom.js';

// Replaces all problems: [{from, to, line, col, code, message, hint}], by their place in the text.
export const setProblems = StateEffect.define();
const closePopover = StateEffect.define();
const NONE = { list: [], open: false };

const line = Decoration.line({ class: 'cm-problem-line' });
const range = Decoration.mark({ class: 'cm-problem', attributes: { 'aria-invalid': 'true' } });
const diamond = new (class extends GutterMarker { elementClass = 'cm-problem-gutter'; })();

function popover({ code, message, line: row, col, hint }) {
  const title = make('div', 'problem-title', ...(code ? [make('span', 'problem-code', code), ' '] : []), message);
  return { dom: make('div', 'problem', title, make('div', 'problem-place', `Line ${row}, column ${col}${hint ? ` · ${hint}` : ''}`)) };
}

const atCaret = (list, { selection: { main } }) => list.find(({ from, to }) => main.head >= from && main.head <= to);

const field = StateField.define({
  create: () => NONE,
  update(value, change) {
    let next = change.docChanged ? NONE : value;
    for (const effect of change.effects) {
      if (effect.is(setProblems)) next = { list: effect.value, open: effect.value.length > 0 };
      else if (effect.is(closePopover)) next = { ...next, open: false };
    }
    return change.selection && !next.open && atCaret(next.list, change.state) ? { ...next, open: true } : next;
  },
  provide: (self) => [
    showTooltip.compute([self, 'selection'], (state) => {
      const { list, open } = state.field(self);
      const shown = open && (atCaret(list, state) ?? list[0]);
      return shown ? { pos: shown.from, above: false, create: () => popover(shown) } : null;
    }),
    EditorView.decorations.compute([self], (state) => Decoration.set(state.field(self).list.flatMap(({ from, to }) => [
      line.range(state.doc.lineAt(from).from), ...(from < to ? [range.range(from, to)] : []),
    ]), true)),
    gutterLineClass.compute([self], (state) => RangeSet.of(state.field(self).list.map(({ from }) => diamond.range(state.doc.lineAt(from).from)), true)),
  ],
});

// Moves the caret to the next problem (direction 1) or the one before (-1).
export function stepProblem(view, direction) {
  const { list } = view.state.field(field);
  const { head } = view.state.selection.main;
  const ordered = direction > 0 ? list : list.toReversed();
  const next = ordered.find(({ from }) => (from - head) * direction > 0) ?? ordered[0];
  if (next) view.dispatch({ selection: { anchor: next.from }, scrollIntoView: true });
  view.focus();
}

export const problems = [field, EditorView.domEventHandlers({
  keydown({ key }, view) { if (key === 'Escape' && view.state.field(field).open) view.dispatch({ effects: closePopover.of(null) }); },
})];
