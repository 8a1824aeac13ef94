// The last k words: how often each net is right on them, what each says of this text's, and how much a word so far back matters.
const slider = element.querySelector('input'), said = element.querySelector('output');
const row = (cells, tag) => { const it = document.createElement('tr'); it.append(...cells.map((words, i) => { const cell = document.createElement(i && tag === 'td' ? 'td' : 'th'); if (!i || tag === 'th') cell.scope = tag === 'td' ? 'row' : 'col'; if (words instanceof Node) cell.append(words); else cell.textContent = words; return cell; })); return it; };
const sample = (name) => {
  const it = document.createElement('span'), svg = drawn('svg', { class: 'wl-sentiment-swatch', viewBox: '0 0 34 10', 'aria-hidden': 'true' });
  svg.append(drawn('line', { class: `wl-sentiment-${KINDS[name]}`, x1: 1, x2: 33, y1: 5, y2: 5 }));
  it.append(svg, name);
  return it;
};
const per_cent = (share) => (share === undefined ? '–' : `${(100 * share).toFixed(1)} %`);
const power = (p) => `10${String(Math.round(p)).replace('-', '⁻').replace(/\d/g, (d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[d])}`;
const BACK = 49;  // words before the last one
const far_back = (line) => {  // what a word there weighs beside the last one
  const sizes = Object.fromEntries(line ?? []), ratio = sizes[BACK] / sizes[0];
  return Number.isFinite(ratio) && ratio > 0 ? (ratio < 0.01 ? power(Math.log10(ratio)) : ratio.toPrecision(2)) : '–';
};
const show = each_frame(() => {
  const { value } = props;
  if (!value) return;
  const { k, names, accuracy, praise, gradient, typical, n } = value, at = Number(slider.value), chosen = k[at];
  said.textContent = chosen === 1 ? 'word' : `${chosen} words`;
  slider.setAttribute('aria-valuetext', `the last ${said.textContent}`);
  desk.last = chosen;
  tell('last');
  const measured = names.filter((name) => accuracy[name]);
  const ends = [k[0], k.at(-1)], low = Math.min(0.5, ...measured.flatMap((name) => accuracy[name]));
  find('accuracy').replaceChildren(...plotted({
    title: 'Accuracy by words read', rule: chosen,
    x: { low: ends[0], high: ends[1], log: true, ticks: [[1, '1'], [5, '5'], [20, '20'], [80, '80'], [400, '400']], label: '' },
    y: { low: Math.floor(low * 10) / 10, high: 0.95, ticks: [[0.5, '50 %'], [0.7, '70 %'], [0.9, '90 %']] },
    lines: measured.map((name) => ({ kind: KINDS[name], points: k.map((words, i) => [words, accuracy[name][i]]) })),
    words: measured.length ? 'On test, by how many of the last words are read. Higher is better; 50 % is chance.' : 'Not measured yet for these nets.',
  }));
  const there = names.filter((name) => gradient[name]), all = there.flatMap((name) => gradient[name]).filter((v) => v > 0);
  const top = 10 ** Math.ceil(Math.log10(Math.max(...all, 1e-9))), bottom = Math.max(1e-12, 10 ** Math.floor(Math.log10(Math.min(...all, 1))));
  const powers = [];
  for (let p = Math.log10(bottom), by = Math.max(1, Math.ceil((Math.log10(top) - p) / 4)); p <= Math.log10(top) + 1e-9; p += by) powers.push([10 ** p, power(p)]);
  find('gradient').replaceChildren(...plotted({
    title: 'How much each word moves the answer', shade: chosen < n ? chosen - 0.5 : null,
    x: { low: 0, high: Math.max(1, n - 1), ticks: n > 1 ? [[0, 'last word'], [n - 1, `${n - 1} back`]] : [[0, 'last word']], label: '' },
    y: { low: bottom, high: top, log: true, ticks: powers },
    lines: there.map((name) => ({ kind: KINDS[name], points: gradient[name].map((size, i) => [i, size]) })),
    words: there.length && n > 1 ? 'Gradient of the log-odds at each word, ‖∂ log-odds ∕ ∂ vector‖, the last word left. Shaded: what the slider hides.' : 'Write a few words.',
  }));
  const table = document.createElement('table');
  table.className = 'wl-table';
  const head = document.createElement('thead'), body = document.createElement('tbody');
  head.append(row(['Net', 'accuracy ↑', 'this text', `${BACK} back ×`], 'th'));
  body.append(...names.map((name) => row([sample(name), per_cent(accuracy[name]?.[at]), praise[name] ? two(praise[name][at]) : '–', far_back(typical[name])], 'td')));
  table.append(head, body);
  const around = document.createElement('div');
  around.className = 'wl-scroll'; around.tabIndex = 0; around.setAttribute('role', 'region'); around.setAttribute('aria-label', 'By the last words');
  around.append(table);
  const told = document.createElement('figcaption');
  told.textContent = `From the last ${said.textContent} alone: accuracy on test, and this text’s probability of praise. “${BACK} back”: what a word so far from the end moves the answer, beside the last one (median of long reviews).`;
  find('stops').replaceChildren(around, told);
});
slider.addEventListener('input', (event) => { event.stopPropagation(); show(); });
slider.addEventListener('change', (event) => event.stopPropagation());
watch('value', show);
show();
