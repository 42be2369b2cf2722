// What a run shows while it lasts and says when it ends.
import { on, settled } from 'dribble/dom.js';

// Time as the interface writes it: 1.24 s, 12.6 s, 2 min 05 s.
function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

const tabOf = (results) => document.getElementById(`tab-${results.closest('.panel')?.dataset.tab}`);
const running = (results) => /^(queued|running)$/.test(results?.dataset.status);

// Counters go on between the server's messages, four times a second.
setInterval(() => {
  for (const counter of document.querySelectorAll('[data-elapsed]')) {
    if (!running(counter.closest('.results')) || !counter.checkVisibility()) continue;
    counter.startedAt ??= performance.now() - Number(counter.dataset.elapsed);
    counter.textContent = duration(performance.now() - counter.startedAt);
  }
}, 250);

// Shows on the tab and in the toolbar whether the panel's run goes on.
function mark(results) {
  const on = running(results);
  const panel = results.closest('.panel');
  panel.classList.toggle('is-running', on);
  tabOf(results)?.classList.toggle('is-running', on);
  for (const run of panel.querySelectorAll('[data-run][type="submit"], [data-run-all]')) run.disabled = on;
  for (const cancel of panel.querySelectorAll('[data-cancel]')) {
    cancel.disabled = !on;
    cancel.setAttribute('form', `cancel-${results.dataset.run}`);
  }
}
settled(() => document.querySelectorAll('.panel .results').forEach(mark));

// The status bar says of a worker what the sidebar's mark says.
settled(() => {
  for (const place of document.querySelectorAll('.status-worker')) {
    const mark = document.getElementById(`source-mark-${place.dataset.source}`);
    const text = ` ${place.dataset.name} ${mark?.textContent.trim()}`;
    if (mark && place.textContent.trim() !== text.trim()) place.replaceChildren(mark.querySelector('svg').cloneNode(true), text);
  }
});

const SAID = { success: 'Run finished', cancelled: 'Run cancelled', interrupted: 'Run interrupted' };

// Says once how a run ended; a failure speaks for itself.
function announce(status, rows, ms) {
  const live = document.getElementById('live');
  const time = duration(ms).replace(/ s$/, ' seconds').replace(' min ', ' minutes ');
  const more = Number.isNaN(rows + ms) ? '' : `, ${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}, ${time}`;
  if (live && SAID[status]) live.textContent = SAID[status] + more;
}

// The tab of a statement's rows counts with them.
document.addEventListener('rows', ({ target, detail }) => {
  const { statement, rows } = JSON.parse(detail.data);
  const count = document.getElementById(`count-${target.closest?.('.results')?.dataset.run}-${statement}`);
  if (count) count.textContent = rows.toLocaleString('en-US');
});

// The last message of a run's stream.
document.addEventListener('done', ({ target, detail }) => {
  const results = target.closest?.('.results');
  if (!running(results)) return;
  const { status = 'success', rows = 0, ms = 0 } = JSON.parse(detail.data || '{}');
  results.dataset.status = status;
  mark(results);
  const tab = tabOf(results);
  if (tab?.ariaSelected === 'false') tab.classList.add(status === 'error' ? 'is-failed' : 'is-finished');
  announce(status, rows, ms);
});

// A run may be over before its first answer.
on('htmx:after:swap', '.query-form, .results', (element, { detail: { ctx } }) => {
  const results = element.closest('.panel')?.querySelector('.results');
  if (!ctx.request.action.endsWith('/runs') || running(results)) return;
  announce(results.dataset.status, Number(results.dataset.rows), Number(results.dataset.ms));
});
