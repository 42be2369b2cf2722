// What a run shows while it lasts and says when it ends.

const number = (value) => value.toLocaleString('en-US');

// Time as the interface writes it: 1.24 s, 12.6 s, 2 min 05 s.
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

const tabOf = (results) => document.getElementById(`tab-${results.closest('.panel')?.dataset.tab}`);
const running = (results) => /^(queued|running)$/.test(results.dataset.status);

// Counters go on between the server's messages, four times a second.
setInterval(() => {
  for (const counter of document.querySelectorAll('[data-elapsed]')) {
    const results = counter.closest('.results');
    if (!results || !running(results) || !counter.checkVisibility()) continue;
    counter.startedAt ??= performance.now() - Number(counter.dataset.elapsed);
    counter.textContent = duration(performance.now() - counter.startedAt);
  }
}, 250);

function markTab(results) {
  tabOf(results)?.classList.toggle('is-running', running(results));
}

function markAll() {
  document.querySelectorAll('.panel .results').forEach(markTab);
}
document.addEventListener('htmx:after:settle', markAll);
markAll();

const SAID = { success: 'Run finished', cancelled: 'Run cancelled', interrupted: 'Run interrupted' };

function announce({ status, rows, ms }) {
  const live = document.getElementById('live');
  if (!live || !SAID[status]) return; // a failure speaks for itself
  const time = duration(ms ?? 0).replace(/ s$/, ' seconds').replace(' min ', ' minutes ');
  live.textContent = `${SAID[status]}, ${number(rows ?? 0)} ${rows === 1 ? 'row' : 'rows'}, ${time}`;
}

// The stream's last message.
document.addEventListener('done', ({ target, detail }) => {
  const results = target.closest?.('.results');
  if (!results || !running(results)) return;
  const end = JSON.parse(detail.data || '{}');
  results.dataset.status = end.status ?? 'success';
  const tab = tabOf(results);
  markTab(results);
  if (tab?.ariaSelected !== 'true') tab?.classList.add(end.status === 'error' ? 'is-failed' : 'is-finished');
  announce(end);
});
