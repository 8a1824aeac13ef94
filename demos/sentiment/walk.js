// Where the hidden state stands after each word: a way through a plane, whose end is the answer.
const picture = element.querySelector('svg'), slider = element.querySelector('input'), button = element.querySelector('button'), caption = element.querySelector('figcaption'), where = element.querySelector('.wl-sentiment-at');
const MARGIN = 34, STEP_MS = 260;
let timer = 0;
const LETTER = /[\p{L}\p{N}]/u;
const still = matchMedia('(prefers-reduced-motion: reduce)');
const spread = (values) => { const low = Math.min(...values), high = Math.max(...values), more = 0.12 * (high - low) + 0.05; return [low - more, high + more]; };
const show = each_frame(() => {
  const { value } = props;
  if (!value?.points) return;
  const { points, words, praise, border, net } = value, upto = Number(slider.value), parts = [];
  picture.parentElement.hidden = slider.parentElement.hidden = !points.length;
  if (!points.length) { picture.replaceChildren(); where.textContent = ''; caption.textContent = 'There is no word to walk by.'; return; }
  const WIDE = Math.max(260, picture.clientWidth), HIGH = keep(0.45 * WIDE, 200, 300);  // so that words keep their size
  picture.setAttribute('viewBox', `0 0 ${WIDE} ${HIGH}`);
  const half = Math.max(...points.map(([x]) => Math.abs(x - border))) * 1.15 + 0.05, [low, high] = spread(points.map(([, y]) => y));
  const X = (x) => WIDE * (x - border + half) / (2 * half), Y = (y) => HIGH - MARGIN - (HIGH - 2 * MARGIN) * (y - low) / (high - low);
  parts.push(drawn('rect', { class: 'wl-sentiment-ground-praise', x: WIDE / 2, y: 0, width: WIDE / 2, height: HIGH }));
  parts.push(drawn('rect', { class: 'wl-sentiment-ground-blame', x: 0, y: 0, width: WIDE / 2, height: HIGH }));
  parts.push(drawn('line', { class: 'wl-sentiment-half', x1: WIDE / 2, x2: WIDE / 2, y1: 0, y2: HIGH }));
  const at = points.map(([x, y]) => [X(x), Y(y)]);
  parts.push(drawn('polyline', { class: 'wl-sentiment-rest', points: at.map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' ') }));
  parts.push(drawn('polyline', { class: 'wl-sentiment-way', points: at.slice(0, upto).map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' ') }));
  at.slice(0, upto).forEach(([x, y], i) => parts.push(drawn('circle', { class: i === upto - 1 ? 'wl-sentiment-end' : 'wl-sentiment-step', cx: x, cy: y, r: i === upto - 1 ? 7 : at.length > 80 ? 1.6 : 3 })));
  // the words that moved it farthest, and where it stands
  const leaps = at.map(([x, y], i) => [i ? Math.hypot(x - at[i - 1][0], y - at[i - 1][1]) : 0, i]).slice(0, upto).sort((a, b) => b[0] - a[0]).slice(0, 7).map(([, i]) => i);
  const [end_x, end_y] = at[upto - 1], taken = [[end_x - 9, end_y, 18]];
  for (const i of new Set([upto - 1, 0, ...leaps])) {
    const ends = i === upto - 1, said = ends ? two(praise[i]) : words[i];
    if (!ends && !LETTER.test(said)) continue;
    const [x, y] = at[i], away = ends ? 12 : 8, width = 8 * said.length;
    const sides = [[x + away, 'start', x + away], [x - away - width, 'end', x - away]].filter(([left]) => left > 4 && left + width < WIDE - 4);
    const free = sides.find(([left]) => !taken.some(([a, b, w]) => Math.abs(b - y) < 15 && left < a + w && a < left + width));
    if (!free) continue;
    taken.push([free[0], y, width]);
    const label = drawn('text', { class: ends ? 'wl-sentiment-stands' : 'wl-sentiment-leap', x: free[2], y: y + 5, 'text-anchor': free[1] });
    label.textContent = said;
    parts.push(label);
  }
  picture.replaceChildren(...parts);
  const words_ = `after “${words[upto - 1]}”, word ${upto} of ${words.length}: ${two(praise[upto - 1])}`;
  where.textContent = words_;
  slider.setAttribute('aria-valuetext', words_);
  caption.textContent = `${net}, word by word; the end is its answer. Across: the direction that answers are read along, dashed at one half. Up: where reviews differ most beside it.`;
});
const stop = () => { clearInterval(timer); timer = 0; button.textContent = still.matches ? 'Step' : 'Walk'; };
const go = () => {
  if (timer) return stop();
  if (still.matches) { slider.value = slider.value === slider.max ? 1 : Number(slider.value) + 1; show(); return; }  // a word a press
  slider.value = 1;
  button.textContent = 'Stop';
  timer = setInterval(() => {
    slider.value = Number(slider.value) + Math.max(1, Math.round(slider.max / 60));
    show();
    if (slider.value === slider.max) stop();
  }, STEP_MS);
  show();
};
button.addEventListener('click', go);
slider.addEventListener('input', (event) => { event.stopPropagation(); stop(); show(); });
slider.addEventListener('change', (event) => event.stopPropagation());
watch('value', () => {
  if (!props.value?.points) return;
  stop();
  slider.max = Math.max(1, props.value.points.length);
  slider.value = slider.max;
  show();
});
on('at', () => {  // a word of the score that is looked at
  if (timer || props.value?.key !== desk.reading?.key || !slider.max) return;
  slider.value = desk.at === null ? slider.max : desk.at + 1;
  show();
});
new ResizeObserver(show).observe(picture.parentElement);
stop(); show();
