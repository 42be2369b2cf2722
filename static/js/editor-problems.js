// What the database refused, drawn where it stands: underline, line tint,
// gutter diamond and a popover. Any edit removes it, because it may be mended.
import { RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass, showTooltip } from '@codemirror/view';

// Replaces all problems: [{from, to, line, col, code, message, hint}].
export const setProblems = StateEffect.define();
const closePopover = StateEffect.define();

class Diamond extends GutterMarker {
  elementClass = 'cm-problem-gutter';
}

function element(className, text) {
  const made = document.createElement('div');
  made.className = className;
  made.textContent = text;
  return made;
}

function popover(problem) {
  const dom = element('problem', '');
  dom.setAttribute('role', 'note');
  const title = element('problem-title', ` ${problem.message}`);
  if (problem.code) {
    const code = document.createElement('span');
    code.className = 'problem-code';
    code.textContent = problem.code;
    title.prepend(code);
  }
  const place = `Line ${problem.line}, column ${problem.col}`;
  dom.append(title, element('problem-place', problem.hint ? `${place} · ${problem.hint}` : place));
  return { dom };
}

function within(problem, length) {
  const from = Math.min(problem.from, length);
  return { ...problem, from, to: Math.min(Math.max(problem.to, from), length) };
}

const field = StateField.define({
  create: () => ({ list: [], open: false }),
  update(value, change) {
    let next = change.docChanged && value.list.length > 0 ? { list: [], open: false } : value;
    for (const effect of change.effects) {
      if (effect.is(setProblems)) {
        const list = effect.value.map((problem) => within(problem, change.state.doc.length)).sort((a, b) => a.from - b.from);
        next = { list, open: list.length > 0 };
      }
      if (effect.is(closePopover) && next.open) next = { ...next, open: false };
    }
    const at = change.selection && next.list.some((problem) => inside(problem, change.state));
    return at && !next.open ? { ...next, open: true } : next;
  },
  provide: (self) => [
    showTooltip.computeN([self, 'selection'], (state) => {
      const { list, open } = state.field(self);
      const shown = open && (list.find((problem) => inside(problem, state)) ?? list[0]);
      return [shown ? { pos: shown.from, above: false, create: () => popover(shown) } : null];
    }),
    EditorView.decorations.from(self, ({ list }) => (view) => Decoration.set(list.flatMap((problem) => {
      const line = Decoration.line({ class: 'cm-problem-line' }).range(view.state.doc.lineAt(problem.from).from);
      if (problem.from === problem.to) return [line];
      return [line, Decoration.mark({ class: 'cm-problem', attributes: { 'aria-invalid': 'true' } }).range(problem.from, problem.to)];
    }), true)),
    gutterLineClass.compute([self], (state) => RangeSet.of(state.field(self).list.map((problem) => (
      new Diamond().range(state.doc.lineAt(problem.from).from))), true)),
  ],
});

function inside(problem, state) {
  const { head } = state.selection.main;
  return head >= problem.from && head <= problem.to;
}

// Moves the caret to the next problem (direction 1) or the one before (-1).
export function stepProblem(view, direction) {
  const { list } = view.state.field(field);
  if (list.length === 0) return false;
  const { head } = view.state.selection.main;
  const ordered = direction > 0 ? list : list.toReversed();
  const next = ordered.find(({ from }) => (direction > 0 ? from > head : from < head)) ?? ordered[0];
  view.dispatch({ selection: { anchor: next.from }, scrollIntoView: true });
  view.focus();
  return true;
}

export const problems = [field, EditorView.domEventHandlers({
  keydown(event, view) {
    if (event.key === 'Escape' && view.state.field(field).open) view.dispatch({ effects: closePopover.of(null) });
    return false;
  },
})];
