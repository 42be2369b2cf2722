// What a page shows of a run while it lasts, beside what the run's stream brings.
import { settled } from 'dribble/dom.js';

// Time as the interface writes it: 1.24 s, 12.6 s, 2 min 05 s.
function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
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
  tabOf(results)?.classList.toggle('is-running', running(results));
  for (const button of results.closest('.panel').querySelectorAll('[data-run][type="submit"], [data-run-all]')) button.disabled = running(results);
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

// The last message of a run's stream.
document.addEventListener('done', ({ target, detail }) => {
  const results = target.closest?.('.results');
  if (!running(results)) return;
  const { status } = JSON.parse(detail.data);
  results.dataset.status = status;
  mark(results);
  const tab = tabOf(results);
  if (tab?.ariaSelected === 'false') tab.classList.add(status === 'error' ? 'is-failed' : 'is-finished');
});
