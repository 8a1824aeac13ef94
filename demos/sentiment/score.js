// Words in their order, and over each the probability after it: four nets as four lines.
const box = find('words'), staff = find('staff'), picture = staff.querySelector('svg'), chip = find('not');
const GUTTER = 46;
let held = false, ghost = null, began = null, looked = null;
const word_at = (i) => box.querySelector(`[data-word="${i}"]`);
const gap_at = (i) => box.querySelector(`[data-gap="${i}"]`);
const say = (words) => { const hint = find('hint'); if (hint.textContent !== words) hint.textContent = words; };
const HINT = 'Press a word to swap it or to take it out. Drag “not” between two words, or press it and choose a gap.';

// the words
const gap = (i, words) => {
  const it = made('button', 'gap');
  it.type = 'button'; it.dataset.gap = i; it.tabIndex = -1; it.disabled = !desk.reading.editable;
  it.setAttribute('aria-label', words[i] ? `Put “not” before “${words[i][1]}”` : 'Put “not” at the end');
  return it;
};
const lay = () => {
  const { words, after, left_out, head, editable } = desk.reading;
  const focused = box.contains(document.activeElement) ? Number(document.activeElement.dataset.word ?? document.activeElement.dataset.gap) : null;
  close_menu();
  held = false; desk.nots = null; looked = null; desk.at = null;
  box.classList.remove('wl-sentiment-open');
  const parts = [];
  let unit = null;
  words.forEach(([before, word, known], i) => {
    const is_cut = left_out && i === head, space = is_cut ? [before, '', ''] : /^(\S*)(\s+)?([\s\S]*)$/.exec(before).slice(1);
    if (unit && space[0] && !is_cut) unit.append(made('span', 'mark', space[0]));
    if (!unit || space[1] || is_cut) {
      if (is_cut) parts.push(made('span', 'cut', `… ${left_out.toLocaleString('en-GB')} words that no net reads …`));
      parts.push(gap(i, words), (unit = made('span', 'unit')));
      if (!is_cut && space[2]) unit.append(made('span', 'mark', space[2]));
    }
    const it = made('button', known ? 'word' : 'word wl-sentiment-unknown', word.length > 24 ? `${word.slice(0, 23)}…` : word);
    it.type = 'button'; it.dataset.word = i; it.tabIndex = i ? -1 : 0;
    it.setAttribute('aria-expanded', 'false');
    if (!known) { it.title = 'The nets do not know this word'; it.setAttribute('aria-label', `${word}, unknown`); }
    unit.append(it);
  });
  if (unit && after.trim()) unit.append(made('span', 'mark', after.trim().slice(0, 20)));
  if (words.length) parts.push(gap(words.length, words));
  box.replaceChildren(...parts);
  find('page').classList.toggle('wl-sentiment-long', words.length > 70);
  staff.dataset.key = desk.reading.key;
  chip.disabled = !editable || !words.length;
  chip.setAttribute('aria-pressed', 'false');
  say(!words.length ? '' : editable ? HINT : 'This text is too long to be changed word by word. Paste a part of it.');
  if (focused !== null && words.length) return_to(keep(focused, 0, words.length - 1));
};
const size_up = () => {
  const { length } = desk.reading?.words ?? [], narrow = staff.clientWidth < 560;
  staff.style.setProperty('--wl-sentiment-high', `${narrow ? (length <= 60 ? 82 : 56) : length <= 24 ? 176 : length <= 70 ? 84 : 56}px`);
};

// the lines, row by row
const rows_of = () => {
  const from = box.getBoundingClientRect(), rows = [];
  box.querySelectorAll('[data-word]').forEach((it, i) => {
    const place = it.getBoundingClientRect(), bottom = place.bottom - from.top, unit = it.closest('.wl-sentiment-unit');
    if (!rows.length || Math.abs(rows.at(-1).bottom - bottom) > 8) rows.push({ bottom, top: unit.getBoundingClientRect().top - from.top + 8, high: parseFloat(getComputedStyle(unit).paddingTop) - 20, words: [] });
    rows.at(-1).words.push([i, place.left - from.left + place.width / 2]);
  });
  return rows;
};
const draw = each_frame(() => {
  size_up();
  const { lines } = desk.reading ?? { lines: {} }, width = box.clientWidth, rows = desk.reading ? rows_of() : [];
  picture.setAttribute('width', width); picture.setAttribute('height', box.clientHeight);
  const parts = [];
  for (const row of rows) {
    const y = (p) => row.top + row.high * (1 - p);
    for (const p of [0, 0.5, 1]) parts.push(drawn('line', { class: p === 0.5 ? 'wl-sentiment-half' : 'wl-sentiment-edge', x1: GUTTER, x2: width, y1: y(p), y2: y(p) }));
    for (const [p, words] of [[1, 'praise'], [0, 'blame']]) {
      const label = drawn('text', { class: 'wl-sentiment-side', x: GUTTER - 6, y: y(p) + 4, 'text-anchor': 'end' });
      label.textContent = words;
      parts.push(label);
    }
    const first = row.words[0][0];
    for (const [name, line] of Object.entries(lines)) {
      const there = row.words.filter(([i]) => i < line.length);
      if (!there.length) continue;
      const points = there.map(([i, x]) => [x, line[i]]);
      if (first) points.unshift([GUTTER, line[first - 1]]);
      parts.push(drawn('polyline', { class: `wl-sentiment-${KINDS[name]}`, points: points.map(([x, p]) => `${x.toFixed(1)},${y(p).toFixed(1)}`).join(' ') }));
      const [x, p] = points.at(-1);
      if (row === rows.at(-1)) parts.push(drawn('circle', { class: `wl-sentiment-${KINDS[name]}`, cx: x, cy: y(p), r: 3.5 }));
    }
    const seen = row.words.find(([i]) => i === looked);
    if (seen) parts.push(drawn('line', { class: 'wl-sentiment-here', x1: seen[1], x2: seen[1], y1: y(1) - 3, y2: y(0) + 3 }));
  }
  picture.replaceChildren(...parts);
});
const legend = () => {
  const { lines, words } = desk.reading, at = looked ?? words.length - 1;
  for (const entry of element.querySelectorAll('[data-net]')) {
    const line = lines[entry.dataset.net];
    entry.hidden = !line;
    if (line) entry.lastElementChild.textContent = at < 0 ? '–' : line.length > at ? two(line[at]) : '…';
  }
  find('of').textContent = `probability of praise ${looked === null ? 'after the last word' : `after “${words[at][1].slice(0, 24)}”`}`;
};
const look = (i) => {
  if (looked === i || !desk.reading) return;
  looked = i; desk.at = i;
  legend(); draw(); tell('at');
};

// changing it
const put_not = (i) => { if (desk.reading.editable) change_to(with_not(desk.reading, i)); };
const hold = (is_held) => {
  held = is_held;
  chip.setAttribute('aria-pressed', String(held));
  box.classList.toggle('wl-sentiment-open', held);
  box.querySelectorAll('[data-gap]').forEach((it) => { it.tabIndex = held ? 0 : -1; });
  say(held ? 'Where? Each gap carries what a “not” there would change. Escape lays it down.' : HINT);
  if (!held) return;
  show_nots();
  props.value = { key: desk.reading.key, not: true };
  trigger('input');
};
const show_nots = () => box.querySelectorAll('[data-gap]').forEach((it) => {
  const change = held ? desk.nots?.[it.dataset.gap] : undefined;
  it.replaceChildren(...(change === undefined ? [] : [made('b', '', Math.abs(change) < 0.005 ? '0' : signed(change).replace('0.', '.'))]));
});
const nearest_gap = (x, y) => {
  const seen = find('page').getBoundingClientRect();
  let best = null, least = 90;
  for (const it of box.querySelectorAll('[data-gap]')) {
    const { left, right, top, bottom } = it.getBoundingClientRect();
    if (bottom > seen.bottom + 1 || top < seen.top) continue;  // scrolled away
    const far = Math.abs(x - (left + right) / 2) + (y < top - 20 ? top - y : y > bottom + 20 ? y - bottom : 0);
    if (far < least) [best, least] = [it, far];
  }
  return best;
};
chip.addEventListener('pointerdown', (event) => { if (!event.button && !chip.disabled) { began = [event.clientX, event.clientY]; chip.setPointerCapture(event.pointerId); } });
chip.addEventListener('pointermove', (event) => {
  if (!began || (!ghost && Math.hypot(event.clientX - began[0], event.clientY - began[1]) < 6)) return;
  if (!ghost) { ghost = made('span', 'ghost', 'not'); element.append(ghost); }
  ghost.style.left = `${event.clientX}px`; ghost.style.top = `${event.clientY}px`;
  find('target')?.classList.remove('wl-sentiment-target');
  nearest_gap(event.clientX, event.clientY)?.classList.add('wl-sentiment-target');
});
const drop = (event) => {
  const target = ghost && event.type === 'pointerup' ? find('target') : null;
  find('target')?.classList.remove('wl-sentiment-target');
  if (ghost) { ghost.remove(); setTimeout(() => { ghost = null; }); }
  began = null;
  if (target) put_not(Number(target.dataset.gap));
};
chip.addEventListener('pointerup', drop); chip.addEventListener('pointercancel', drop);
chip.addEventListener('click', (event) => { if (ghost || !desk.reading) return; hold(!held); if (held && !event.detail) gap_at(0)?.focus(); });
find('undo').addEventListener('click', () => desk.undo());
box.addEventListener('click', ({ target }) => {
  const word = target.closest('[data-word]'), between = target.closest('[data-gap]');
  if (word) open_menu(Number(word.dataset.word));
  else if (between) put_not(Number(between.dataset.gap));
});
const step = (from, by) => {
  const to = word_at(keep(from + by, 0, desk.reading.words.length - 1));
  box.querySelectorAll('[data-word]').forEach((it) => { it.tabIndex = it === to ? 0 : -1; });
  to?.focus();
};
const walk_gaps = (from, by) => {
  const gaps = [...box.querySelectorAll('[data-gap]')];
  gaps[keep(gaps.indexOf(gap_at(from)) + by, 0, gaps.length - 1)]?.focus();
};
function return_to(i) {  // after a change, without looking at that word
  step(i, 0);
  look(null);
}
element.addEventListener('keydown', (event) => { if (event.key === 'Escape' && held) { hold(false); chip.focus(); } });
box.addEventListener('keydown', (event) => {
  const { word, gap } = event.target.dataset, at = Number(word ?? gap ?? NaN);
  if (Number.isNaN(at) || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -at, End: desk.reading.words.length }[event.key];
  if (by !== undefined) (word ? step : walk_gaps)(at, by);
  else if (!word) return;
  else if (event.key === 'Delete' && desk.reading.editable) change_to(without(desk.reading, at));
  else if (event.key.toLowerCase() === 'n') put_not(at);
  else return;
  event.preventDefault();
});
const index_of = ({ target }) => { const word = target.closest?.('[data-word]'); return word ? Number(word.dataset.word) : null; };
box.addEventListener('pointerover', (event) => look(index_of(event)));
box.addEventListener('pointerleave', () => look(null));
box.addEventListener('focusin', (event) => { if (event.target.matches(':focus-visible')) look(index_of(event)); });
box.addEventListener('focusout', () => look(null));

// what the slider over the last words does not let through
const fade = () => box.querySelectorAll('[data-word]').forEach((it, i) => it.classList.toggle('wl-sentiment-faded', i < desk.reading.words.length - (desk.last ?? Infinity)));

const take = () => {
  const { value } = props;
  if (!value?.words) return;
  const is_same = desk.reading?.key === value.key;
  desk.reading = value;
  if (!is_same || !box.childElementCount) { desk.waits = 0; lay(); }
  if (!desk.past.length && document.activeElement === find('undo')) chip.focus();
  find('undo').disabled = !desk.past.length;
  legend(); draw(); fade(); tell('reading');
};
watch('value', take);
on('nots', show_nots);
on('last', () => { if (desk.reading) fade(); });
new ResizeObserver(draw).observe(box);
take();
